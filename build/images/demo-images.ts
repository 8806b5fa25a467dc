// The images of `make run` and of the tests, as a bundle file: they are not part of k0s.

import { join } from "node:path";
import { toolbox } from "../../images/demo/toolbox.ts";
import { web } from "../../images/demo/web.ts";
import { type Progress, silentProgress } from "../../src/std/progress.ts";
import { cacheRoot } from "../cache-root.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { buildImageSet } from "./build-images.ts";
import { writeImageArchive } from "./image-archive.ts";

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
  const openBlob = async (digest: string) => {
    const file = Bun.file(built.blobs.get(digest) ?? "");
    return (await file.exists()) ? { size: file.size, stream: () => file.stream() } : undefined;
  };
  await writeImageArchive({ images: built.images, openBlob }, path);
  return path;
}
