import { apiAddress, isSingleController } from "../controller-facts.ts";
import type { ControllerDeclaration } from "../node-facts.ts";
import type { JoinSession } from "./session.ts";

export interface JoinNeeds {
  readonly session: JoinSession;
}

/** This controller's own way into its cluster. */
export const joinDeclaration = {
  name: "join",
  make: async (node) => (await import("./component.ts")).joinComponents(node),
  dataEntries: ["join-state.json"],
} satisfies ControllerDeclaration<JoinNeeds>;

/** What the cluster was made with. */
export const clusterFactsDeclaration = {
  name: "cluster-facts",
  make: async ({ config, paths, client }) => {
    const { clusterFactsKeeper, lastingFactsOf } = await import("./cluster-facts.ts");
    return clusterFactsKeeper({ dataDir: paths.dataDir, facts: lastingFactsOf(config), client });
  },
  dataEntries: ["cluster-facts.json"],
} satisfies ControllerDeclaration;

/** The join API. */
export const controlApiDeclaration = {
  name: "control-api",
  make: async (node) => (await import("./server.ts")).controlApi(node),
  disableable: true,
  when: (facts) => !isSingleController(facts, facts.config),
  ports: ({ config }) => [
    {
      port: config.spec.api.k0sApiPort,
      ...apiAddress(config),
      process: "k0s-control-api",
      setting: ["spec", "api", "k0sApiPort"],
    },
  ],
} satisfies ControllerDeclaration;
