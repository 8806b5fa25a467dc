// Names that k0s uses on any host, at any time, with any configuration: of files in the PKI directory, and of authorities.

import { basename, extname } from "node:path";
import { clusterAuthorities, clusterPkiNames } from "./cluster-spec.ts";
import { etcdAuthority, etcdNamesBesideCluster } from "./etcd-spec.ts";
import { kubeletServingFiles } from "./kubelet-serving-ca.ts";

/** Without `.crt`, `.key` and the like: a file of such a name is never a user's. */
export function ownPkiNames(): ReadonlySet<string> {
  const ofKubelets = Object.values(kubeletServingFiles("")).map((path) => basename(path, extname(path)));
  return new Set([...clusterPkiNames(), ...etcdNamesBesideCluster, ...ofKubelets]);
}

/** Common names of those that issue what it makes. */
export function ownAuthorities(): ReadonlySet<string> {
  return new Set([...clusterAuthorities(), etcdAuthority]);
}
