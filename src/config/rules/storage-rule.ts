// Storage outside of k0s: a TLS client of etcd needs all three files, its endpoints are URLs, and the data source of
// kine is one that its driver takes. Upstream: pkg/apis/k0s/v1beta1/storage.go.

import { subdomainProblem } from "../../std/kubernetes-names.ts";
import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import { dataSourceProblem } from "../data-source.ts";
import type { ConfigProblem } from "../problem.ts";
import { withoutUrlPasswords } from "../without-secrets.ts";

type Storage = ClusterConfig["spec"]["storage"];
type ExternalCluster = NonNullable<Storage["etcd"]["externalCluster"]>;

const tlsFiles = ["caFile", "clientCertFile", "clientKeyFile"] as const;

export function storageRule({ spec: { storage } }: ClusterConfig): ConfigProblem[] {
  const external = storage.etcd.externalCluster;
  return [
    ...(external === undefined ? [] : [...tlsProblems(external), ...endpointProblems(external)]),
    ...(storage.type === "kine" ? kineProblems(storage) : []),
    ...memberNameProblems(storage),
  ];
}

/** An EtcdMember object has this name. */
function memberNameProblems({ etcd }: Storage): ConfigProblem[] {
  const { name } = etcd.extraArgs;
  const problem = name === undefined ? undefined : subdomainProblem(name.toLowerCase());
  if (problem === undefined) return [];
  const path = ["spec", "storage", "etcd", "extraArgs", "name"];
  return [{ path, message: `${JSON.stringify(name)} ${problem}` }];
}

const externalPath: YamlPath = ["spec", "storage", "etcd", "externalCluster"];

function tlsProblems(external: ExternalCluster): ConfigProblem[] {
  const missing = tlsFiles.filter((name) => external[name] === undefined);
  if (missing.length === 0 || missing.length === tlsFiles.length) return [];
  const message = `${missing.join(" and ")} missing; give all of ${tlsFiles.join(", ")}, or none`;
  return [{ path: externalPath, at: "key", message }];
}

function endpointProblems({ endpoints, caFile }: ExternalCluster): ConfigProblem[] {
  return endpoints.flatMap((endpoint, index) => {
    const path = [...externalPath, "endpoints", index];
    const quoted = JSON.stringify(withoutUrlPasswords(endpoint));
    if (!/^https?:\/\/(?:\[[0-9a-fA-F:.]+\]|[^\s:/,@?#]+)(?::\d{1,5})?$/.test(endpoint))
      return [{ path, message: `${quoted} is not a URL of etcd, like https://10.0.0.5:2379` }];
    if (caFile === undefined || endpoint.startsWith("https:")) return [];
    return [{ path, message: `${quoted} is not encrypted, but there are TLS files; write https://` }];
  });
}

function kineProblems({ kine }: Storage): ConfigProblem[] {
  const at = (...rest: string[]): YamlPath => ["spec", "storage", "kine", ...rest];
  const problem = dataSourceProblem(kine.dataSource);
  const exposed = kine.extraArgs["endpoint"] !== undefined;
  return [
    ...(problem === undefined ? [] : [{ path: at("dataSource"), message: problem }]),
    ...(exposed
      ? [
          {
            path: at("extraArgs", "endpoint"),
            message: "every user of the host could read it; write it as spec.storage.kine.dataSource",
          },
        ]
      : []),
  ];
}
