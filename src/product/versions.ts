// The versions of everything in the file; upstream/*/component.json is where they are written.

import { version as calico } from "../../upstream/calico/component.json";
import { version as cniPlugins } from "../../upstream/cni-plugins/component.json";
import { version as containerd } from "../../upstream/containerd/component.json";
import { version as coredns } from "../../upstream/coredns/component.json";
import { version as etcd } from "../../upstream/etcd/component.json";
import { version as kine } from "../../upstream/kine/component.json";
import { version as konnectivity } from "../../upstream/konnectivity/component.json";
import { version as kubeRouter } from "../../upstream/kube-router/component.json";
import { lift, version as kubernetes } from "../../upstream/kubernetes/component.json";
import { version as metricsServer } from "../../upstream/metrics-server/component.json";
import { version as runc } from "../../upstream/runc/component.json";

/** The product's own version: Kubernetes' with our own build number. */
export const k0sVersion = `v${kubernetes}+k0s.0`;

/** Those that upstream's `k0s version --all` prints, in its order, then the others. */
export const componentVersions = {
  runc,
  containerd,
  kubernetes,
  kine,
  etcd,
  konnectivity,
  "cni-plugins": cniPlugins,
  coredns,
  "metrics-server": metricsServer,
  calico,
  "kube-router": kubeRouter,
  helm: lift.helm.version,
} as const;

/** A day before this release was made: a host whose clock is behind it has the wrong time. It moves with the versions above. */
export const releasedAfter = new Date("2026-10-01T00:00:00Z");
