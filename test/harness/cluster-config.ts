// The configuration file of a k0s on a test machine.

import { dumpYaml } from "../../src/std/yaml.ts";
import type { TestMachine } from "./test-machine.ts";

export type ClusterSpec = Readonly<Record<string, unknown>>;

export const configFile = "/etc/k0s/k0s.yaml";

/** Where k0s looks by itself. For root alone: a data source holds a password. */
export async function writeClusterConfig(machine: TestMachine, spec: ClusterSpec): Promise<void> {
  const config = {
    apiVersion: "k0s.k0sproject.io/v1beta1",
    kind: "ClusterConfig",
    metadata: { name: "k0s" },
    spec,
  };
  await machine.ok(["mkdir", "-p", "/etc/k0s"]);
  await machine.writeFile(configFile, dumpYaml(config), 0o600);
}

/** Changes the ClusterConfig object of a cluster with dynamic configuration. */
export function patchClusterConfig(node: Pick<TestMachine, "kubectl">, spec: ClusterSpec): Promise<string> {
  const merge = ["--type=merge", "-p", JSON.stringify({ spec })];
  return node.kubectl("patch", "clusterconfig", "k0s", "-n", "kube-system", ...merge);
}
