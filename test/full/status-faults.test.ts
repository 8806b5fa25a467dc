// What `k0s status` says of a node that is not well: faults of every kind, each put in, seen and taken out again. Prints the
// rows of the table in docs/status.md. Here the processes of a node and its system pods; the other status-faults-*.test.ts
// have their own machines and can run beside this one. The clock of a machine cannot be set alone: its fault is a unit test.

import {
  frozen,
  frozenK0s,
  imageMissing,
  killedForEver,
  podCrashes,
  podFrozen,
} from "../harness/fault-kinds.ts";
import { lazyNode, seeFaults } from "../harness/faulty-node.ts";

const node = lazyNode();

seeFaults("processes that hang", node, [
  frozen("kube-scheduler"),
  frozen("kube-controller-manager"),
  frozen("kube-proxy"),
  frozen("kubelet"),
  frozen("containerd"),
  frozen("kube-apiserver"),
  frozen("kine"),
  frozenK0s(),
]);

seeFaults(
  "processes that end",
  node,
  [
    "kube-scheduler",
    "kube-controller-manager",
    "kube-proxy",
    "kubelet",
    "containerd",
    "kube-apiserver",
    "kine",
  ].map(killedForEver),
);

seeFaults("system pods", node, [
  imageMissing("metrics-server", "k8s-app=metrics-server"),
  imageMissing("coredns", "k8s-app=kube-dns"),
  podCrashes("coredns", "k8s-app=kube-dns"),
  podFrozen("coredns"),
  podCrashes("metrics-server", "k8s-app=metrics-server"),
  podFrozen("metrics-server"),
]);
