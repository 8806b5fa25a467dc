// The versions of everything in the file; components/*/component.json is where they are written.

import { version as calico } from "../../components/calico/component.json";
import { version as cniPlugins } from "../../components/cni-plugins/component.json";
import { version as containerd } from "../../components/containerd/component.json";
import { version as coredns } from "../../components/coredns/component.json";
import { version as etcd } from "../../components/etcd/component.json";
import { version as helm } from "../../components/helm/component.json";
import { version as kine } from "../../components/kine/component.json";
import { version as konnectivity } from "../../components/konnectivity/component.json";
import { version as kubeRouter } from "../../components/kube-router/component.json";
import { version as kubernetes } from "../../components/kubernetes/component.json";
import { version as metricsServer } from "../../components/metrics-server/component.json";
import { version as runc } from "../../components/runc/component.json";

/** The product's own version: Kubernetes' with a build number of ours. */
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
  helm,
} as const;
