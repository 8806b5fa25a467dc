// coredns: the static executable on an empty root.

import { agentFiles } from "../base/agent-files.ts";
import type { ImageRecipe } from "../../build/images/recipe.ts";
import { defaultImageUri } from "../../src/config/images.ts";

export const coredns: ImageRecipe = {
  ref: defaultImageUri("coredns"),
  layers: [
    {
      name: "coredns",
      entries: [
        { kind: "component", component: "coredns", call: "coredns", paths: ["/coredns"] },
        ...agentFiles,
      ],
    },
  ],
  config: { entrypoint: ["/coredns"], user: "65534:65534" },
};
