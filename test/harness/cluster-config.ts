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
