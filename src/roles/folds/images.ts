// The images that a node has a use for: others would only take time and room.

import { defaultImageUri, imageKeys, type ImageKey } from "../../config/images.ts";
import type { Declaration, ImageChoice } from "../../supervisor/declaration.ts";

type WithImages = Pick<Declaration, "images">;

/** As they are named inside the file. */
export function imagesOf(declarations: readonly WithImages[], cluster: ImageChoice): ReadonlySet<string> {
  return new Set(imageKeysOf(declarations, cluster).map(defaultImageUri));
}

/** In the order of spec.images. */
export function imageKeysOf(declarations: readonly WithImages[], cluster: ImageChoice): ImageKey[] {
  const wanted = new Set(declarations.flatMap(({ images }) => images?.(cluster) ?? []));
  return imageKeys().filter((key) => wanted.has(key));
}
