// Names in the PKI directory that k0s uses on any host, at any time, with any configuration.

import { basename, dirname, extname } from "node:path";
import { clusterPkiSpec } from "./cluster-spec.ts";
import { etcdPkiSpec } from "./etcd-spec.ts";
import { kubeletServingFiles } from "./kubelet-serving-ca.ts";

/** Without `.crt`, `.key` and the like: a file of such a name is never a user's. */
export function ownPkiNames(pkiDir: string): ReadonlySet<string> {
  const input = { pkiDir, users: {}, caExpiresMs: 1, leafExpiresMs: 1 };
  const cluster = { ...input, sans: [], server: "" };
  const specs = [
    clusterPkiSpec({ ...cluster, konnectivity: true, joinApi: true }),
    clusterPkiSpec({ ...cluster, konnectivity: false, joinApi: false }),
    etcdPkiSpec({ ...input, etcdPkiDir: `${pkiDir}/etcd`, peerAddress: "" }),
  ];
  const bases = specs.flatMap((spec) =>
    [...spec.authorities, ...spec.leaves, ...spec.keyPairs].map(({ base }) => base),
  );
  const files = specs.flatMap((spec) => [...spec.kubeconfigs.map(({ path }) => path), ...spec.unwanted]);
  files.push(...Object.values(kubeletServingFiles(pkiDir)));
  const paths = [...bases, ...files.map((path) => path.slice(0, -extname(path).length))];
  return new Set(paths.filter((path) => dirname(path) === pkiDir).map((path) => basename(path)));
}
