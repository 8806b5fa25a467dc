// metrics-server: the static executable on an empty root.

import { agentFiles } from "../base/agent-files.ts";
import type { ImageRecipe } from "../../build/images/recipe.ts";
import { defaultImageUri } from "../../src/config/images.ts";

export const metricsServer: ImageRecipe = {
  ref: defaultImageUri("metricsserver"),
  layers: [
    {
      name: "metrics-server",
      entries: [
        {
          kind: "component",
          component: "metrics-server",
          call: "metrics-server",
          paths: ["/metrics-server"],
        },
        ...agentFiles,
      ],
    },
  ],
  config: { entrypoint: ["/metrics-server"], user: "65534:65534" },
};
