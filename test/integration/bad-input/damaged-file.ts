// Copies of the k0s file with something wrong in them.

import { constants } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { join } from "node:path";
import { openPayload } from "../../../src/payload/payload.ts";

/** A stretch of the file that has a name in errors. */
export interface Region {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Every part and every image blob. */
export async function regionsOf(file: string): Promise<readonly Region[]> {
  await using payload = await openPayload(file);
  return [
    ...payload.index.parts.map(({ name, offset, stored }) => ({ name, offset, size: stored })),
    ...payload.index.blobs.map(({ digest, offset, size }) => ({
      name: `image blob ${digest}`,
      offset,
      size,
    })),
  ];
}

export async function copyOf(file: string, dir: string, name: string): Promise<string> {
  const copy = join(dir, name);
  await copyFile(file, copy, constants.COPYFILE_FICLONE);
  return copy;
}

/** The one that `flipBit` changes. */
export function damagedByte({ offset, size }: Region): number {
  return offset + Math.floor(size / 2);
}

/** Turns one bit in the middle of the region; the same call again turns it back. */
export async function flipBit(file: string, region: Region): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const byte = Buffer.alloc(1);
    const at = damagedByte(region);
    await handle.read(byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8() ^ 4);
    await handle.write(byte, 0, 1, at);
  } finally {
    await handle.close();
  }
}
