// Finds the frames of a part inside an image layer: what a component and an image both hold is stored once.

import { readFile } from "node:fs/promises";

export interface PlaceInBlob {
  readonly digest: string;
  readonly offset: number;
}

/** Undefined: no layer has all frames of the part in a row. */
export async function findInBlobs(
  framePaths: readonly string[],
  blobs: ReadonlyMap<string, string>,
): Promise<PlaceInBlob | undefined> {
  const frames = Buffer.concat(await Promise.all(framePaths.map((path) => readFile(path))));
  for (const [digest, path] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const blob = Bun.file(path);
    if (blob.size < frames.length) continue;
    const offset = Buffer.from(await blob.arrayBuffer()).indexOf(frames);
    if (offset >= 0) return { digest, offset };
  }
  return undefined;
}
