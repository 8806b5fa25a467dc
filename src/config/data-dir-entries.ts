// What k0s and its programs make in their own directories: the only entries that `reset` deletes there.

import { recordFileName } from "./installation-record.ts";

/** Of the data directory; the record is last because it proves the rest. */
export const dataDirEntries: readonly string[] = [
  "bin",
  "cluster-facts.json",
  "cni-bin",
  "containerd",
  "db",
  "deployed",
  "etcd",
  "helmhome",
  "host-tools",
  "images",
  "iptables-mode",
  "join-state.json",
  "konnectivity.conf",
  "kube-proxy-mode",
  "kubelet",
  "kubelet-bootstrap.conf",
  "kubelet.conf",
  "manifests",
  "pki",
  "run",
  "runtime",
  "worker-profile.yaml",
  recordFileName,
];

/** Of kubelet's root directory. */
export const kubeletRootEntries: readonly string[] = [
  "actuated_pods_state",
  "allocated_pods_state",
  "checkpoints",
  "cpu_manager_state",
  "device-plugins",
  "dra_manager_state",
  "graceful_node_shutdown_state",
  "image_manager",
  "memory_manager_state",
  "pki",
  "plugins",
  "plugins_registry",
  "pod-resources",
  "pods",
];

/** What an operator, or a tool that installs k0s, puts into a data directory before the first start. */
export const seedEntries: readonly string[] = ["images", "manifests", "pki", "runtime", "lost+found"];

/** What an operator puts into kubelet's root directory, or a file system has in its own: it may be there, and is not k0s'. */
export const kubeletSeedEntries: readonly string[] = ["config.json", "lost+found", "seccomp"];

/** Parts of a write that was cut off: `.<name>.<pid>.<random>.tmp` of atomic writes, `.k0s-tmp-<name>-<random>` of staging. */
const unfinished = /^\.(?:k0s-tmp-.+|(?<name>.+)\.\d+\.[0-9a-f]{8}\.tmp)$/;

/** Divides the names in a directory; the order of `known` is kept. */
export function divideEntries(
  present: readonly string[],
  known: readonly string[],
): { readonly ours: readonly string[]; readonly others: readonly string[] } {
  const halves = present.filter((name) => isUnfinished(name, known));
  const ours = [...halves, ...known.filter((name) => present.includes(name))];
  return { ours, others: present.filter((name) => !ours.includes(name)).toSorted() };
}

function isUnfinished(name: string, known: readonly string[]): boolean {
  const match = unfinished.exec(name);
  return match !== null && (match.groups?.["name"] === undefined || known.includes(match.groups["name"]));
}
