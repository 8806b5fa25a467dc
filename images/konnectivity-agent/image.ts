// konnectivity-agent: the static executable on an empty root.

import { agentFiles } from "../base/agent-files.ts";
import type { ImageRecipe } from "../../build/images/recipe.ts";
import { defaultImageUri } from "../../src/config/images.ts";

export const konnectivityAgent: ImageRecipe = {
  ref: defaultImageUri("konnectivity"),
  layers: [
    {
      name: "konnectivity-agent",
      entries: [
        { kind: "component", component: "konnectivity", call: "konnectivity-agent", paths: ["/proxy-agent"] },
        ...agentFiles,
      ],
    },
  ],
  config: { entrypoint: ["/proxy-agent"], user: "65534:65534" },
};
