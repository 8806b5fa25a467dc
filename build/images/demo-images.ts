// The images of `make run` and of the tests, as a bundle file: they are not part of k0s.

import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { toolbox } from "../../images/demo/toolbox.ts";
import { web } from "../../images/demo/web.ts";
import { imageTarStream } from "../../src/oci/archive-writer.ts";
import { type Progress, silentProgress } from "../../src/std/progress.ts";
import { cacheRoot } from "../cache-root.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { buildImageSet, type BuiltImages } from "./build-images.ts";

export interface DemoImagesOptions {
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
  readonly report?: Progress;
}

/** Path of the archive with localhost/k0s/web:1 and localhost/k0s/toolbox:1. */
export async function buildDemoImages(options: DemoImagesOptions = {}): Promise<string> {
  const platform = options.platform ?? hostPlatform();
  const built = await buildImageSet([web, toolbox], platform, {
    signal: options.signal ?? new AbortController().signal,
    report: options.report ?? silentProgress,
  });
  const path = join(cacheRoot(), "images", platform.dir, "demo-images.tar");
  await writeImageArchive(built, path);
  return path;
}

async function writeImageArchive({ images, blobs }: BuiltImages, path: string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await mkdir(join(path, ".."), { recursive: true });
  const openBlob = async (digest: string) => {
    const file = Bun.file(blobs.get(digest) ?? "");
    return (await file.exists()) ? { size: file.size, stream: () => file.stream() } : undefined;
  };
  const archive = Readable.fromWeb(imageTarStream({ images, openBlob }) as NodeReadableStream);
  try {
    await pipeline(archive, createWriteStream(temporary, { flush: true }));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
