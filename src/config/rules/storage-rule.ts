// External etcd: a TLS client needs all three files. Reference §2.4.

import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";

const tlsFiles = ["caFile", "clientCertFile", "clientKeyFile"] as const;

export function storageRule({ spec: { storage } }: ClusterConfig): ConfigProblem[] {
  const external = storage.etcd.externalCluster;
  if (external === undefined) return [];
  const missing = tlsFiles.filter((name) => external[name] === undefined);
  if (missing.length === 0 || missing.length === tlsFiles.length) return [];
  const path = ["spec", "storage", "etcd", "externalCluster"];
  return [
    {
      path,
      at: "key",
      message: `${missing.join(" and ")} missing; give all of ${tlsFiles.join(", ")}, or none`,
    },
  ];
}
