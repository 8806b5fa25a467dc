// For tests of the packed file: bytes that take as much room in it as outside.

/** Does not compress, and has no two equal frames. */
export function pseudoRandom(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, state = 1; at < size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}
