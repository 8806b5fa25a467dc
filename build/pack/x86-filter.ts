// Makes x86-64 code compress better: places that are given relative to the instruction become absolute, so that every
// reference to one function, string or variable has the same bytes. Undone by launcher/filter.go, which goes forward; going
// backward here is its exact inverse.

const callBits = 27;
const addressBits = 28;
/** mov, lea and cmp of 64 bits: most of what Go's compiler reaches data with. */
const addressOpcodes: ReadonlySet<number> = new Set([0x8d, 0x8b, 0x89, 0x3b, 0x39]);

/** Changes the bytes in place. A number that fits into its bits does so afterwards: what was changed can be seen in the result. */
export function filterX86(data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const makeAbsolute = (place: number, bits: number): void => {
    const shift = 32 - bits;
    const relative = view.getInt32(place, true);
    if ((relative << shift) >> shift !== relative) return;
    view.setInt32(place, ((relative + place + 4) << shift) >> shift, true);
  };
  for (let at = data.length - 8; at >= 0; at--) {
    const first = data[at] ?? 0;
    // call, jmp
    if ((first & 0xfe) === 0xe8) makeAbsolute(at + 1, callBits);
    // A REX.W prefix, an opcode, an operand relative to the instruction pointer.
    else if (
      (first & 0xf8) === 0x48 &&
      ((data[at + 2] ?? 0) & 0xc7) === 5 &&
      addressOpcodes.has(data[at + 1] ?? 0)
    )
      makeAbsolute(at + 3, addressBits);
  }
}
