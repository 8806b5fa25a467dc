import type { ControllerDeclaration } from "../node-facts.ts";

export const metricsServerDeclaration = {
  name: "metrics-server",
  make: async (node) => (await import("./component.ts")).metricsServerComponent(node),
  disableable: true,
  stacks: ["metricserver"] as const,
  images: () => ["metricsserver"],
  follows: {
    metricsServer: "apply",
    "images.metricsserver": "apply",
    "images.repository": "apply",
    "images.default_pull_policy": "apply",
  },
  workloads: [{ name: "metrics-server" }],
} satisfies ControllerDeclaration;
