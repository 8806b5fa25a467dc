// The images that a node has a use for: others would only take time and room.

import { defaultImageUri } from "../../config/images.ts";
import type { Declaration, ImageChoice } from "../../supervisor/declaration.ts";

/** As they are named inside the file. */
export function imagesOf(
  declarations: readonly Pick<Declaration, "images">[],
  cluster: ImageChoice,
): ReadonlySet<string> {
  return new Set(declarations.flatMap(({ images }) => images?.(cluster) ?? []).map(defaultImageUri));
}
