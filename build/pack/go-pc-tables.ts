// Tables of pairs: what changes (a line number, the size of the stack frame), and after how many bytes of code. The first
// numbers of all pairs are put together, and so are the second ones. Put back by launcher/tables.go.

import { maxFormedBytes } from "../../src/payload/index-schema.ts";

interface PcTableFrame {
  readonly raw: Uint8Array;
  /** How many bytes the values take; the values; the distances. */
  readonly formed: Uint8Array;
}

export function splitPcTables(tables: Uint8Array): PcTableFrame[] {
  const frames: PcTableFrame[] = [];
  for (let start = 0; start < tables.length;) {
    const end = cutAt(tables, start);
    const raw = tables.subarray(start, end);
    frames.push({ raw, formed: split(raw) });
    start = end;
  }
  return frames;
}

/** Zeros end tables: a cut after one keeps the next frame in step. */
function cutAt(tables: Uint8Array, start: number): number {
  if (tables.length - start <= maxFormedBytes) return tables.length;
  return tables.lastIndexOf(0, start + maxFormedBytes - 1) + 1;
}

function split(raw: Uint8Array): Uint8Array {
  const values = new Uint8Array(raw.length);
  const distances = new Uint8Array(raw.length);
  let valueBytes = 0;
  let distanceBytes = 0;
  let at = 0;
  let first = true;
  while (at < raw.length) {
    const start = at;
    // The top bit says that a number goes on.
    do values[valueBytes++] = raw[at] ?? 0;
    while ((raw[at++] ?? 0) >= 0x80 && at < raw.length);
    const ends: boolean = raw[start] === 0 && !first;
    first = ends;
    if (ends || at === raw.length) continue;
    do distances[distanceBytes++] = raw[at] ?? 0;
    while ((raw[at++] ?? 0) >= 0x80 && at < raw.length);
  }
  const formed = Buffer.alloc(4 + raw.length);
  formed.writeUInt32LE(valueBytes);
  formed.set(values.subarray(0, valueBytes), 4);
  formed.set(distances.subarray(0, distanceBytes), 4 + valueBytes);
  return formed;
}
