// `bun build/build.ts images` and `demo-images`.

import { imageRecipes } from "../../images/recipes.ts";
import type { BuildTarget } from "../targets.ts";
import { buildImageSet } from "./build-images.ts";
import { buildDemoImages } from "./demo-images.ts";

export const imagesTarget: BuildTarget = {
  async run({ platform, signal, report }) {
    await buildImageSet(imageRecipes, platform, { signal, report });
  },
};

export const demoImagesTarget: BuildTarget = {
  async run(context) {
    context.report.ready(await buildDemoImages(context));
  },
};
