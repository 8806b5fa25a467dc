import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import { apiAddress, type ControllerFacts } from "../controller-facts.ts";

/** On loopback; not configurable, as in upstream. */
export const konnectivityHealthPort = 8092;

const section = ["spec", "konnectivity"];

/** Whether the API server reaches nodes through tunnels. Upstream: cmd/controller/controller.go (enableKonnectivity). */
export const konnectivityDeclaration = {
  name: "konnectivity-server",
  runningName: "konnectivity",
  disableable: true,
  when: ({ single }) => !single,
  logLevel: "1",
  programs: ["konnectivity-server"],
  user: "konnectivity-server",
  certificatesReadOnce: ["konnectivity"],
  stacks: ["konnectivity"] as const,
  images: () => ["konnectivity"],
  workloads: [{ name: "konnectivity-agent" }],
  dataEntries: ["konnectivity.conf"],
  ports: ({ config }) => {
    const { agentPort, adminPort } = config.spec.konnectivity;
    return [
      { port: agentPort, ...apiAddress(config), setting: [...section, "agentPort"] },
      { port: adminPort, address: loopback, setting: [...section, "adminPort"] },
      { port: konnectivityHealthPort, address: loopback },
    ];
  },
} satisfies Declaration<ControllerFacts>;
