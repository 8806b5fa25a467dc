// What a controller takes from its own k0s.yaml at the start and keeps until it ends: what is this host's alone, and what the
// cluster was made with. Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go, where
// GetClusterWideConfig leaves out most of it.

import type { ClusterConfig } from "./cluster-config.ts";

type Spec = ClusterConfig["spec"];
type Network = Spec["network"];

/** Sections of spec, each with the reason why it does not change while k0s runs. */
export const nodeSections = {
  api: "each controller's own; another value counts from its next start",
  storage: "each controller's own; another value counts from its next start, another datastore is refused",
  installConfig: "each host's own; `reset` reads it",
  hardening:
    "each controller's own; another value counts from its next start, workers follow the leading one",
  security:
    "each controller's own; another value counts from its next start, but for files that kube-apiserver reads again",
} as const satisfies Partial<Record<keyof Spec, string>>;

/** The same for fields of spec.network. */
export const nodeNetworkFields = {
  provider: "the cluster was made with it: two of them on a node leave neither working",
  podCIDR: "the cluster was made with it: nodes and pods have addresses of it",
  serviceCIDR: "the cluster was made with it: Services have addresses of it",
  clusterDomain: "the cluster was made with it: pods look up names in it",
  primaryAddressFamily:
    "the cluster was made with it: the first addresses of Services and pods are of this family",
  dualStack:
    "API server, nodes and the network of pods start with it; a second family counts from the next start of all controllers",
  controlPlaneLoadBalancing:
    "each controller's own, with its interfaces and peers; another value counts from its next start",
} as const satisfies Partial<Record<keyof Network, string>>;

export type NodeSection = keyof typeof nodeSections;
export type NodeNetworkField = keyof typeof nodeNetworkFields;

/** What needs nothing else never has to follow a change. */
export interface NodeConfig {
  readonly spec: Pick<Spec, NodeSection> & { readonly network: Pick<Network, NodeNetworkField> };
}
