// kube-router. It has a shell, because the manifest prepares and publishes the CNI configuration by scripts in this image.

import type { ImageRecipe } from "../../build/images/recipe.ts";
import { defaultImageUri } from "../../src/config/images.ts";
import { netTools } from "../base/net-tools.ts";

const shell = ["sh", "cp", "grep", "mv", "nc", "rm", "sleep", "timeout"];

export const kubeRouter: ImageRecipe = {
  ref: defaultImageUri("kuberouter.cni"),
  layers: [
    netTools,
    {
      name: "kube-router",
      entries: [
        {
          kind: "component",
          component: "kube-router",
          call: "kube-router",
          paths: ["/usr/local/bin/kube-router"],
        },
        { kind: "debian", packages: ["busybox-static"], programs: ["/bin/busybox"] },
        ...shell.map((name) => ({ kind: "symlink" as const, path: `/bin/${name}`, target: "busybox" })),
        { kind: "directory", path: "/tmp", mode: 0o1777 },
      ],
    },
  ],
  config: { entrypoint: ["/usr/local/bin/kube-router"] },
};
