// Wrong command lines and configuration files.

import type { BadCase } from "./bad-case.ts";

const path = "/root/bad.yaml";

function config(name: string, yaml: string, ...says: BadCase["says"]): BadCase {
  return {
    name: `configuration: ${name}`,
    args: ["--config", path],
    prepare: async (machine) => {
      await machine.writeFile(path, yaml);
      return () => machine.ok(["rm", path]);
    },
    says,
  };
}

const head = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n";

export const configCases: readonly BadCase[] = [
  {
    name: "unknown flag",
    args: ["--no-such-flag"],
    says: ["unknown flag: --no-such-flag", "See 'k0s controller --help'."],
  },
  {
    name: "unknown command",
    argv: ["k0s", "contoller"],
    says: ['unknown command "contoller" for "k0s"', "Did you mean this?", "k0s controller"],
  },
  {
    name: "flag without its argument",
    args: ["--data-dir"],
    says: ["flag needs an argument: --data-dir", "See 'k0s controller --help'."],
  },
  {
    name: "flag with an argument of the wrong kind",
    args: ["--taints", "a=b=c:Never"],
    says: ['invalid argument "a=b=c:Never" for "--taints" flag', "See 'k0s controller --help'."],
  },
  {
    name: "no such configuration file",
    args: ["--config", "/root/none.yaml"],
    says: ["cannot read the configuration /root/none.yaml: no such file", "--config"],
  },
  config(
    "wrong type",
    `${head}spec:\n  api:\n    port: high\n`,
    `${path}:5:11`,
    "spec.api.port",
    'expected a number, got the string "high"',
  ),
  config(
    "unknown field",
    `${head}spec:\n  network:\n    podCIDDR: 10.0.0.0/16\n`,
    `${path}:5:5`,
    "spec.network.podCIDDR: unknown field",
    'did you mean "podCIDR"?',
  ),
  config(
    "duplicate keys",
    `${head}spec:\n  api:\n    port: 6443\n    port: 6444\n`,
    `${path}:6:5`,
    'duplicate key "port": this mapping already has it; remove one of the two',
  ),
  config("not a mapping", "- one\n- two\n", `${path}:1:1`, "expected a mapping, got a list"),
  config("no YAML", "spec: [\n", `${path}:2:1`),
  config(
    "overlapping CIDRs",
    `${head}spec:\n  network:\n    podCIDR: 10.96.0.0/16\n    serviceCIDR: 10.96.0.0/12\n`,
    `${path}:5:14`,
    'spec.network.podCIDR: "10.96.0.0/16" overlaps serviceCIDR 10.96.0.0/12',
    "use a range outside of it",
  ),
  config(
    "several things at once",
    `${head}spec:\n  api:\n    port: high\n  netwrok: {}\n`,
    "the configuration has 2 mistakes:",
    `${path}:5:11  spec.api.port`,
    `${path}:6:3   spec.netwrok`,
    'did you mean "network"?',
  ),
  config(
    "something that this release cannot do",
    `${head}spec:\n  network:\n    kubeProxy:\n      mode: ipvs\n`,
    `${path}:6:13`,
    "spec.network.kubeProxy.mode: mode ipvs does not work yet; nftables and iptables do",
  ),
  {
    name: "worker profile that is not defined",
    args: ["--profile", "gpu"],
    says: ['there is no worker profile "gpu"', "spec.workerProfiles"],
  },
];
