// What is the same for all controllers of a cluster and may change while they run.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go (GetClusterWideConfig).

import type { ClusterConfig } from "./cluster-config.ts";
import type { NodeNetworkField, NodeSection } from "./fixed-fields.ts";

type Spec = ClusterConfig["spec"];
type Network = Spec["network"];
type Section = Exclude<keyof Spec, NodeSection | "network">;
type NetworkField = Exclude<keyof Network, NodeNetworkField>;

/** Sections of spec, each with what a change does. A field that is new in the schema does not compile until it is here or in fixed-fields.ts. */
export const clusterSections = {
  controllerManager: "kube-controller-manager starts again",
  scheduler: "kube-scheduler starts again",
  images: "system pods are replaced",
  workerProfiles: "kubelets start again",
  telemetry: "nothing",
  konnectivity: "konnectivity-server starts again, its agents are replaced",
  featureGates: "what has the gate starts again",
  extensions: "Helm releases are installed, upgraded or uninstalled",
  metricsServer: "its objects are patched again",
} as const satisfies Record<Section, string>;

/** The same for fields of spec.network. */
export const clusterNetworkFields = {
  kubeProxy: "kube-proxy starts again",
  kuberouter: "pods of kube-router are replaced",
  calico: "pods of Calico are replaced",
  coreDNS: "its objects are patched again",
  nodeLocalDNS: "a cache of names comes or goes on each node, kubelets start again",
  nodeLocalLoadBalancing: "balancers on workers start again, and pods that go through them",
} as const satisfies Record<NetworkField, string>;

/** A field as components name it that have to follow it. */
export type ClusterField = Section | `network.${NetworkField}`;

type NetworkFieldsOf<Field> = Field extends `network.${infer Name extends NetworkField}` ? Name : never;

/** Some fields of it, for a component that has to follow no others: `ClusterFields<"images" | "network.calico">`. */
export interface ClusterFields<Field extends ClusterField> {
  readonly spec: Pick<Spec, Extract<Field, Section>> & {
    readonly network: Pick<Network, NetworkFieldsOf<Field>>;
  };
}

/** The whole of it, with what names the object. */
export type ClusterWideConfig = ClusterFields<ClusterField> & Omit<ClusterConfig, "spec">;
