import { isEtcdManaged } from "../../config/derived.ts";
import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

/** The member that k0s runs. */
export const etcdDeclaration = {
  name: "etcd",
  when: ({ config }) => isEtcdManaged(config),
  logLevel: "info",
  programs: ["etcd"],
  user: "etcd",
  argumentsField: "spec.storage.etcd.extraArgs",
  dataEntries: ["etcd"],
  dataContent: { etcd: /^member$/, "etcd/member": /^(snap|wal)$/ },
  ports: ({ config }) => [
    { port: 2379, address: loopback },
    { port: 2380, address: config.spec.storage.etcd.peerAddress },
  ],
} satisfies Declaration<ControllerFacts>;
