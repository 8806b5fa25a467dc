import { isEtcdManaged } from "../../config/derived.ts";
import { type Declaration, loopback } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../controller-facts.ts";

/** The member that k0s runs. */
export const etcdDeclaration: Declaration<ControllerFacts> = {
  name: "etcd",
  when: ({ config }) => isEtcdManaged(config),
  ports: ({ config }) => [
    { port: 2379, address: loopback },
    { port: 2380, address: config.spec.storage.etcd.peerAddress },
  ],
};
