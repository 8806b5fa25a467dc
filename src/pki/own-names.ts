// Names in the PKI directory that k0s uses on any host, at any time, with any configuration.

import { basename, extname } from "node:path";
import { clusterPkiNames } from "./cluster-spec.ts";
import { etcdNamesBesideCluster } from "./etcd-spec.ts";
import { kubeletServingFiles } from "./kubelet-serving-ca.ts";

/** Without `.crt`, `.key` and the like: a file of such a name is never a user's. */
export function ownPkiNames(): ReadonlySet<string> {
  const ofKubelets = Object.values(kubeletServingFiles("")).map((path) => basename(path, extname(path)));
  return new Set([...clusterPkiNames(), ...etcdNamesBesideCluster, ...ofKubelets]);
}
