import type { ControllerDeclaration } from "../node-facts.ts";

/** Whose patches are those of what they belong to on Linux: `network.calico.patches`, `network.kubeProxy.patches`. */
export const windowsDaemonSets = { calico: "calico-node-windows", kubeProxy: "kube-proxy-windows" } as const;

export const windowsNodeDeclaration = {
  name: "windows-node",
  make: async (node) => (await import("./component.ts")).windowsNodeComponent(node),
  disableable: true,
  stacks: ["windows-node"] as const,
  // What else it is made of other components follow as well; that it is there at all depends on the nodes.
  follows: {
    "images.windows": "apply",
    "images.calico.windows": "apply",
    "network.kubeProxy.patches": "apply",
  },
} satisfies ControllerDeclaration;
