// Wrong command lines and configuration files.

import type { BadCase } from "./bad-case.ts";
import { namedFileCases } from "./named-file-cases.ts";

const path = "/root/bad.yaml";

function config(name: string, yaml: string | Buffer, ...says: BadCase["says"]): BadCase {
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

function flag(name: string, option: string, value: string, why: string): BadCase {
  return {
    name: `flag: ${name}`,
    args: [`${option}=${value}`],
    says: [`invalid argument "${value}" for "${option}" flag`, why, "See 'k0s controller --help'."],
  };
}

const head = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n";

export const configCases: readonly BadCase[] = [
  config(
    "a file for kube-apiserver that is not there",
    `${head}spec: { security: { authenticationConfigFile: /root/none.yaml } }\n`,
    "/root/none.yaml (spec.security.authenticationConfigFile) cannot be read: ENOENT",
    "Put the file there",
  ),
  config(
    "a file for kube-apiserver that is another one",
    `${head}spec: { security: { audit: { enabled: true, policyFile: ${path} } } }\n`,
    "(spec.security.audit.policyFile)",
    "cannot be read by kube-apiserver, which cannot enter /root",
    "chmod g+x /root",
  ),
  ...namedFileCases,
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
  flag("label whose value has a blank", "--labels", "a=b c", "may consist of letters"),
  flag("label without a key", "--labels", "=x", "has no name"),
  flag(
    "label that a node may not give itself",
    "--labels",
    "node-role.kubernetes.io/worker=",
    "may not give itself",
  ),
  flag("taint whose key has a blank", "--taints", "a b=c:NoSchedule", "may consist of letters"),
  flag("taint twice", "--taints", "a=b:NoSchedule,a=c:NoSchedule", "the taint a is given twice"),
  flag("label for kubelet", "--kubelet-extra-args", "--node-labels=k8s.io/a=b", "may not give itself"),
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
    "host in the network of services",
    `${head}spec:\n  api:\n    address: 10.96.3.4\n  network:\n    serviceCIDR: 10.96.0.0/12\n`,
    `${path}:7:18`,
    'spec.network.serviceCIDR: "10.96.0.0/12" holds 10.96.3.4, an address of this host',
  ),
  config(
    "name of an etcd member that no object can have",
    `${head}spec:\n  storage:\n    etcd:\n      extraArgs: {name: my_member}\n`,
    `${path}:6:25`,
    'spec.storage.etcd.extraArgs.name: "my_member" is not a DNS name',
  ),
  config(
    "not UTF-8",
    Buffer.from(`${head}# Gr\u00fc\u00dfe\n`, "latin1"),
    `${path}:3: is not UTF-8 text: the byte 0xfc is not part of any character`,
    "Save it as UTF-8",
  ),
  config(
    "UTF-16",
    Buffer.from(`\ufeff${head}`, "utf16le"),
    `${path}: is not UTF-8 text: it is written in UTF-16`,
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
    `${head}spec:\n  network:\n    calico:\n      mode: bird\n`,
    `${path}:6:13`,
    "spec.network.calico.mode: mode bird needs Calico's own BGP daemon",
  ),
  {
    name: "worker profile that is not defined",
    args: ["--profile", "gpu"],
    says: ['there is no worker profile "gpu"', "spec.workerProfiles"],
  },
];
