// Writes the k0s file: launcher, frames of the parts, image blobs, index, trailer. The same inputs give the same bytes.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import {
  indexFormat,
  type PayloadImage,
  type PayloadIndex,
  payloadIndexSchema,
} from "../../src/payload/index-schema.ts";
import { encodeTrailer, trailerSize } from "../../src/payload/trailer.ts";
import type { CompressedPart } from "./frames.ts";

export interface PackInputs {
  readonly launcher: string;
  readonly target: string;
  readonly version: string;
  readonly parts: readonly CompressedPart[];
  readonly images: readonly PayloadImage[];
  /** Digest → file. */
  readonly blobs: ReadonlyMap<string, string>;
}

export interface Packed {
  readonly size: number;
  readonly sha256: string;
  readonly index: PayloadIndex;
}

/** The launcher has room for the size of the whole file: launcher/pack.go, sizeStamp. */
const sizeStamp = /k0s-file-size:0{20}/g;

export async function assemble(inputs: PackInputs, output: string): Promise<Packed> {
  const launcher = await readFile(inputs.launcher);
  const { index, offset: indexOffset } = await layOut(inputs, launcher.length);
  const text = Buffer.from(JSON.stringify(index));
  const size = indexOffset + text.length + trailerSize;
  stampSize(launcher, size);
  const trailer = encodeTrailer({
    indexOffset,
    indexSize: text.length,
    indexSha256: createHash("sha256").update(text).digest("hex"),
    fileSize: size,
  });
  const partial = `${output}.${process.pid}.partial`;
  await mkdir(dirname(output), { recursive: true });
  const file = await open(partial, "wx", 0o755);
  const hash = createHash("sha256");
  const append = async (data: Uint8Array): Promise<void> => {
    hash.update(data);
    await file.write(data);
  };
  try {
    await append(launcher);
    for (const path of [...inputs.parts.flatMap((part) => part.framePaths), ...blobPaths(inputs)]) {
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
        await append(chunk as Buffer);
    }
    await append(text);
    await append(trailer);
    if ((await file.stat()).size !== size)
      throw new Error("a part of the file changed while it was being packed");
    await chmod(partial, 0o755);
    await file.close();
    await rename(partial, output);
  } finally {
    await rm(partial, { force: true });
  }
  return { size, sha256: hash.digest("hex"), index };
}

async function layOut(inputs: PackInputs, start: number): Promise<{ index: PayloadIndex; offset: number }> {
  let offset = start;
  const take = (bytes: number): number => {
    const at = offset;
    offset += bytes;
    return at;
  };
  const parts = inputs.parts.map(({ part }) => ({ ...part, offset: take(part.stored) }));
  const blobs: PayloadIndex["blobs"] = [];
  for (const [digest, path] of sortedBlobs(inputs)) {
    const { size } = await stat(path);
    blobs.push({ digest, size, offset: take(size) });
  }
  const { target, version } = inputs;
  const index = payloadIndexSchema.parse({
    format: indexFormat,
    target,
    version,
    parts,
    images: inputs.images,
    blobs,
  });
  return { index, offset };
}

function sortedBlobs(inputs: PackInputs): readonly (readonly [string, string])[] {
  return [...inputs.blobs].sort(([a], [b]) => (a < b ? -1 : 1));
}

function blobPaths(inputs: PackInputs): readonly string[] {
  return sortedBlobs(inputs).map(([, path]) => path);
}

function stampSize(launcher: Buffer, size: number): void {
  const places = [...launcher.toString("latin1").matchAll(sizeStamp)];
  const place = places[0]?.index;
  if (place === undefined || places.length !== 1)
    throw new Error(`the launcher has ${places.length} places for the file's size`);
  launcher.write(`k0s-file-size:${String(size).padStart(20, "0")}`, place, "latin1");
}
