// The images that come inside the file, most urgent first: nodes import them in this order.

import type { ImageRecipe } from "../build/images/recipe.ts";
import { calicoCni, calicoKubeControllers, calicoNode } from "./calico/images.ts";
import { cniPlugins } from "./cni-plugins/image.ts";
import { coredns } from "./coredns/image.ts";
import { konnectivityAgent } from "./konnectivity-agent/image.ts";
import { kubeRouter } from "./kube-router/image.ts";
import { metricsServer } from "./metrics-server/image.ts";
import { pause } from "./pause/image.ts";

export const imageRecipes: readonly ImageRecipe[] = [
  pause,
  calicoCni,
  calicoNode,
  coredns,
  metricsServer,
  calicoKubeControllers,
  konnectivityAgent,
  cniPlugins,
  kubeRouter,
];
