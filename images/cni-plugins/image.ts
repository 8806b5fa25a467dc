// The installer of the CNI plug-ins, for kube-router's init container. k0s' own image of it is called cni-node.

import type { ImageRecipe, LayerEntry } from "../../build/images/recipe.ts";
import component from "../../upstream/cni-plugins/component.json";
import { defaultImageUri } from "../../src/config/images.ts";

const plugins = component.executables.flatMap((executable): LayerEntry[] => [
  {
    kind: "component",
    component: component.name,
    call: executable.names[0] ?? executable.output,
    paths: executable.names.map((name) => `/cni-plugins/${name}`),
  },
]);

export const cniPlugins: ImageRecipe = {
  ref: defaultImageUri("kuberouter.cniInstaller"),
  layers: [
    {
      name: `CNI plug-ins ${component.version}`,
      entries: [...plugins, { kind: "program", source: "cni-plugins/install", paths: ["/bin/install"] }],
    },
  ],
  config: { entrypoint: ["/bin/install"] },
};
