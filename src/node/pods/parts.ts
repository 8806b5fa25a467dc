// What differs between a worker and a controller's own worker.

import type { RuntimeAccess } from "../../components/containerd/runtime-access.ts";
import type { NodeFacts } from "../../components/node-facts.ts";
import type { SettingsSource } from "../../components/worker-config/settings-holder.ts";
import type { TrustBundle } from "../../std/trust-bundle.ts";
import type { Dependency } from "../../supervisor/component.ts";

/** What a start knows of the node before it has settings. */
export type PodHost = Omit<NodeFacts, "noProxy">;

export interface PodParts {
  readonly settings: SettingsSource;
  /** What the worker's programs wait for: others may be needed sooner. */
  readonly programsAfter: readonly Dependency[];
  /** Once these are ready the settings are known. */
  readonly settingsFrom: readonly Dependency[];
  /** Once these are ready the node has its credentials, and kubelet may start. */
  readonly credentialsFrom: readonly Dependency[];
  /** Once these are ready they may also do what needs a role, as kube-proxy does. */
  readonly rightsFrom: readonly Dependency[];
  /** This node's address on the way to the API, if that is known. */
  readonly address: () => Promise<string | undefined>;
  /** Whether kubelet registers with it, unless it is told another one. A cloud provider may want to name it. */
  readonly registersAddress: boolean;
  /** Kubeconfig of kubelet and kube-proxy; may change while running. */
  readonly kubeconfig: () => string;
  /** Hosts by which this node and its network provider reach the API: no proxy is asked for them. */
  readonly apiHosts: () => readonly string[];
  /** PEM of the CA that signs API clients. */
  readonly clusterCa: () => Promise<TrustBundle>;
  readonly runsKubeProxy: boolean;
  /** Of this node. */
  readonly runtime: RuntimeAccess;
}
