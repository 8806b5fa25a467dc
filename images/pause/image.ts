// The sandbox of every pod. Upstream: k8s.io/kubernetes/build/pause.

import type { ImageRecipe } from "../../build/images/recipe.ts";
import { defaultImageUri } from "../../src/config/images.ts";

export const pause: ImageRecipe = {
  ref: defaultImageUri("pause"),
  layers: [{ name: "pause", entries: [{ kind: "program", source: "pause/pause.c", paths: ["/pause"] }] }],
  config: { entrypoint: ["/pause"], user: "65535:65535" },
};
