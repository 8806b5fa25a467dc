// Images as a bundle file, which is there only when it is whole.

import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { type ImageTarOptions, imageTarStream } from "../../src/oci/archive-writer.ts";

export async function writeImageArchive(options: ImageTarOptions, path: string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  const archive = Readable.fromWeb(imageTarStream(options) as NodeReadableStream);
  try {
    await pipeline(archive, createWriteStream(temporary, { flush: true }));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
