import { join } from "node:path";
import { externalEtcdOf, isEtcdManaged } from "../../config/derived.ts";
import { statIfExists } from "../../os/files.ts";
import { formatBytes } from "../../std/bytes.ts";
import { loopback } from "../../supervisor/declaration.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";
import { isSingleController } from "../controller-facts.ts";
import type { ControllerDeclaration } from "../node-facts.ts";
import type { Departure } from "../departure.ts";

export interface EtcdNeeds {
  /** How this host came into its cluster. */
  readonly session: {
    /** Known once it has joined. Undefined: a new cluster, or data that know it. */
    readonly initialCluster: () => readonly string[] | undefined;
    /** To be called when the member answers for the first time. */
    readonly complete: () => Promise<void>;
  };
  readonly departure: Departure;
}

/** The member that k0s runs. */
export const etcdDeclaration = {
  name: "etcd",
  make: async (node) => (await import("./component.ts")).etcdDatastore(node),
  details: async ({ paths }) => {
    const file = await statIfExists(join(paths.etcdDataDir, "member/snap/db"));
    return { Datastore: `etcd, ${formatBytes(file?.size ?? 0)}` };
  },
  when: ({ config }) => isEtcdManaged(config),
  logLevel: "info",
  programs: ["etcd"],
  user: "etcd",
  certificates: { "etcd/ca": "again", "etcd/server": "again", "etcd/peer": "again" },
  restsOn: [certificatesDeclaration],
  carries: ["datastore"],
  argumentsField: "spec.storage.etcd.extraArgs",
  dataEntries: ["etcd"],
  dataContent: { etcd: /^member$/, "etcd/member": /^(snap|wal)$/ },
  ports: ({ config }) => [
    { port: 2379, address: loopback },
    { port: 2380, address: config.spec.storage.etcd.peerAddress },
  ],
} satisfies ControllerDeclaration<EtcdNeeds>;

/** The members of all controllers, as objects. */
export const etcdMembersDeclaration = {
  name: "etcd-members",
  when: (facts) => isEtcdManaged(facts.config) && !isSingleController(facts, facts.config),
  make: async (node) => (await import("./members/component.ts")).etcdMembers(node),
} satisfies ControllerDeclaration<EtcdNeeds>;

/** An etcd that somebody else runs. */
export const externalEtcdDeclaration = {
  name: "external-etcd",
  when: ({ config }) => externalEtcdOf(config) !== undefined,
  make: async (node) => (await import("./external.ts")).externalEtcdDatastore(node),
  details: async ({ config }) => ({
    Datastore: `external etcd, ${externalEtcdOf(config)?.endpoints.join(", ")}`,
  }),
  carries: ["datastore"],
} satisfies ControllerDeclaration;
