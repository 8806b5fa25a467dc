import type { ControllerFacts } from "../controller-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";

export const metricsServerDeclaration = {
  name: "metrics-server",
  disableable: true,
  stacks: ["metricserver"] as const,
  images: () => ["metricsserver"],
  workloads: [{ name: "metrics-server" }],
} satisfies Declaration<ControllerFacts>;
