import { loopback } from "../../supervisor/declaration.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";
import { apiAddress } from "../controller-facts.ts";
import type { ControllerDeclaration } from "../node-facts.ts";
import type { TunnelRegistry } from "./tunnels/registry.ts";

/** On loopback; not configurable, as in upstream. */
export const konnectivityHealthPort = 8092;

export interface KonnectivityNeeds {
  /** Undefined where it does not run; `k0s status` asks it. */
  readonly tunnels: TunnelRegistry | undefined;
}

const section = ["spec", "konnectivity"];

/** Whether the API server reaches nodes through tunnels. Upstream: cmd/controller/controller.go (enableKonnectivity). */
export const konnectivityDeclaration = {
  name: "konnectivity-server",
  runningName: "konnectivity",
  make: async (node) => (await import("./component.ts")).konnectivity(node),
  disableable: true,
  when: ({ single }) => !single,
  logLevel: "1",
  programs: ["konnectivity-server"],
  unpacksItself: true,
  user: "konnectivity-server",
  certificates: { konnectivity: "once" },
  restsOn: [certificatesDeclaration],
  carries: ["tunnel"],
  stacks: ["konnectivity"] as const,
  images: () => ["konnectivity"],
  workloads: [{ name: "konnectivity-agent" }],
  follows: {
    konnectivity: "restart",
    "images.konnectivity": "apply",
    "images.repository": "apply",
    "images.default_pull_policy": "apply",
    "network.nodeLocalLoadBalancing": "apply",
  },
  dataEntries: ["konnectivity.conf"],
  ports: ({ config }) => {
    const { agentPort, adminPort } = config.spec.konnectivity;
    return [
      { port: agentPort, ...apiAddress(config), setting: [...section, "agentPort"] },
      { port: adminPort, address: loopback, setting: [...section, "adminPort"] },
      { port: konnectivityHealthPort, address: loopback },
    ];
  },
} satisfies ControllerDeclaration<KonnectivityNeeds>;
