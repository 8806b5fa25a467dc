// Calico's three images. Their lowest layer is one and the same, all of Calico in one executable under its many names: it is
// unpacked once, and its processes share their text pages. No shell, no runit: images/calico/entry stands in for them.

import type { ImageRecipe, LayerRecipe } from "../../build/images/recipe.ts";
import { defaultImageUri } from "../../src/config/images.ts";
import { agentFiles } from "../base/agent-files.ts";
import { netTools } from "../base/net-tools.ts";

const kubeControllersUser = 999;

const calico: LayerRecipe = {
  name: "calico",
  entries: [
    {
      kind: "component",
      component: "calico",
      call: "calico",
      paths: ["/bin/calico-node", "/usr/bin/calico", "/usr/bin/check-status", "/usr/bin/kube-controllers"],
    },
    {
      kind: "program",
      source: "calico/entry",
      paths: ["/opt/cni/bin/install", "/usr/bin/calico-node-start"],
    },
    {
      kind: "text",
      path: "/etc/calico/felix.cfg",
      text: "[global]\nMetadataAddr = None\nLogFilePath = None\nLogSeverityFile = None\nLogSeveritySys = None\n",
    },
    { kind: "directory", path: "/status", uid: kubeControllersUser },
    { kind: "directory", path: "/profiles", uid: kubeControllersUser },
    ...agentFiles,
  ],
};

export const calicoCni: ImageRecipe = {
  ref: defaultImageUri("calico.cni"),
  layers: [calico],
  config: { entrypoint: ["/opt/cni/bin/install"] },
};

export const calicoNode: ImageRecipe = {
  ref: defaultImageUri("calico.node"),
  layers: [calico, netTools],
  config: { entrypoint: ["/usr/bin/calico-node-start"], env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } },
};

export const calicoKubeControllers: ImageRecipe = {
  ref: defaultImageUri("calico.kubecontrollers"),
  layers: [calico],
  config: { entrypoint: ["/usr/bin/kube-controllers"], user: `${kubeControllersUser}` },
};
