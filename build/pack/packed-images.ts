// The system images that go into the file, as build/images makes them.

import type { Progress } from "../../src/std/progress.ts";
import type { PayloadImage } from "../../src/payload/index-schema.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import { buildImageSet } from "../images/build-images.ts";
import { imageRecipes } from "../../images/recipes.ts";
import type { Platform } from "../platform.ts";

export interface PackedImages {
  readonly images: readonly PayloadImage[];
  readonly blobs: ReadonlyMap<string, string>;
  readonly packages: readonly UsedPackage[];
}

export async function packedImages(
  platform: Platform,
  options: { signal: AbortSignal; report: Progress },
): Promise<PackedImages> {
  const built = await buildImageSet(imageRecipes, platform, options);
  const images = built.images.map(({ ref, manifestDigest, mediaType, blobs }) => ({
    ref,
    manifestDigest,
    blobs: [...blobs],
    ...(mediaType === undefined ? {} : { mediaType }),
  }));
  return { images, blobs: built.blobs, packages: built.packages };
}
