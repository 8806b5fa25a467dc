// Writes the k0s file: launcher, frames of the parts, image blobs, index, trailer. The same inputs give the same bytes.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import {
  indexFormat,
  type PayloadBlob,
  type PayloadImage,
  type PayloadIndex,
  type PayloadPart,
  payloadIndexSchema,
} from "../../src/payload/index-schema.ts";
import { encodeTrailer, trailerSize } from "../../src/payload/trailer.ts";
import type { CompressedPart } from "./frames.ts";
import { findInBlobs, type PlaceInBlob } from "./shared-frames.ts";
import { partialName } from "../partial-name.ts";

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
  const { index, offset: indexOffset, content } = await layOut(inputs, launcher.length);
  const text = Buffer.from(JSON.stringify(index));
  const size = indexOffset + text.length + trailerSize;
  stampSize(launcher, size);
  const trailer = encodeTrailer({
    indexOffset,
    indexSize: text.length,
    indexSha256: createHash("sha256").update(text).digest("hex"),
    fileSize: size,
  });
  const partial = partialName(output);
  await mkdir(dirname(output), { recursive: true });
  const file = await open(partial, "wx", 0o755);
  const hash = createHash("sha256");
  const append = async (data: Uint8Array): Promise<void> => {
    hash.update(data);
    await file.write(data);
  };
  try {
    await append(launcher);
    for (const path of content) {
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

interface LayOut {
  readonly index: PayloadIndex;
  /** Where the index goes. */
  readonly offset: number;
  /** Files between launcher and index. */
  readonly content: readonly string[];
}

async function layOut(inputs: PackInputs, start: number): Promise<LayOut> {
  let offset = start;
  const content: string[] = [];
  const take = (bytes: number, paths: readonly string[]): number => {
    const at = offset;
    offset += bytes;
    content.push(...paths);
    return at;
  };
  const shared = new Map<CompressedPart, PlaceInBlob>();
  for (const entry of inputs.parts) {
    const place = await findInBlobs(entry.framePaths, inputs.blobs);
    if (place !== undefined) shared.set(entry, place);
  }
  const own = new Map<CompressedPart, number>();
  for (const entry of inputs.parts)
    if (!shared.has(entry)) own.set(entry, take(entry.part.stored, entry.framePaths));
  const blobs = new Map<string, PayloadBlob>();
  for (const [digest, path] of [...inputs.blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { size } = await stat(path);
    blobs.set(digest, { digest, size, offset: take(size, [path]), crc32: await checksum([path]) });
  }
  const parts: PayloadPart[] = [];
  for (const entry of inputs.parts) {
    const place = shared.get(entry);
    const blob = place === undefined ? 0 : (blobs.get(place.digest)?.offset ?? 0) + place.offset;
    parts.push({
      ...entry.part,
      offset: own.get(entry) ?? blob,
      crc32: await checksum(entry.framePaths),
    });
  }
  const { target, version, images } = inputs;
  const index = { format: indexFormat, target, version, parts, images, blobs: [...blobs.values()] };
  return { index: payloadIndexSchema.parse(index), offset, content };
}

async function checksum(paths: readonly string[]): Promise<number> {
  let sum = 0;
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      sum = crc32(chunk as Buffer, sum);
  }
  return sum;
}

function stampSize(launcher: Buffer, size: number): void {
  const places = [...launcher.toString("latin1").matchAll(sizeStamp)];
  const place = places[0]?.index;
  if (place === undefined || places.length !== 1)
    throw new Error(`the launcher has ${places.length} places for the file's size`);
  launcher.write(`k0s-file-size:${String(size).padStart(20, "0")}`, place, "latin1");
}
