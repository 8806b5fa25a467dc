// Makes x86 code compress better: relative targets of calls and jumps become absolute, so that calls of one function are
// equal. Undone by launcher/filter.go, which goes forward; going backward here is its exact inverse.

/** Changes the bytes in place. Targets are 25-bit numbers and stay so: what was changed can be seen in the result. */
export function filterX86(data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = data.length - 5; at >= 0; at--) {
    if (((data[at] ?? 0) & 0xfe) !== 0xe8) continue;
    const top = data[at + 4];
    if (top !== 0 && top !== 0xff) continue;
    const target = (view.getInt32(at + 1, true) + at + 5) | 0;
    view.setInt32(at + 1, (target << 7) >> 7, true);
  }
}
