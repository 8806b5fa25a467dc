import { apiAddress, isSingleController } from "../controller-facts.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

export interface JoinSession {
  readonly join: Component;
  /** `prepare` runs once the etcd CA is there. */
  readonly etcdMembership: (prepare: () => Promise<void>) => Component;
  /** For etcd's first start in a cluster that exists. */
  readonly initialCluster: () => readonly string[] | undefined;
  /** To be called once the datastore answers: from now on this host is a member. */
  readonly complete: () => Promise<void>;
}

export interface JoinNeeds {
  readonly session: JoinSession;
}

/** This controller's own way into its cluster. */
export const joinDeclaration = {
  name: "join",
  make: async (node) => (await import("./component.ts")).joinComponents(node),
  dataEntries: ["join-state.json"],
} satisfies ControllerDeclaration<JoinNeeds>;

/** Of the join: its place in etcd. */
export const etcdMembership = { name: "etcd-membership" };

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
