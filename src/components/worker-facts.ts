// What is known of a node that runs pods before they run: what its components' declarations are asked with. A worker knows it
// once it has its settings from the cluster, a controller by its own configuration.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { FlagMap } from "../std/flags.ts";
import type { YamlPath } from "../std/yaml-positions.ts";
import type { Choice } from "../supervisor/declaration.ts";

export interface WorkerFacts extends Choice {
  /** Of the node's worker profile. */
  readonly kubeletConfiguration: Readonly<Record<string, unknown>>;
  /** Where that stands in k0s.yaml, if it does. */
  readonly profileAt?: YamlPath;
  readonly kubeletExtraArgs: FlagMap;
  /** `off` where the cluster has none, undefined as long as nobody knows. */
  readonly kubeProxy: KubeProxyAddresses | "off" | undefined;
  /** Endpoint of another runtime than k0s' own. */
  readonly criSocket: string | undefined;
}

export interface KubeProxyAddresses {
  readonly metricsBindAddress: string;
  readonly healthzBindAddress: string;
}

type WorkerChoice = Pick<WorkerFacts, "kubeletExtraArgs" | "criSocket">;

/** Of a worker, as long as it has no settings of its cluster. */
export function factsBeforeSettings({ kubeletExtraArgs, criSocket }: WorkerChoice): WorkerFacts {
  return {
    disabledComponents: new Set(),
    kubeletConfiguration: {},
    kubeletExtraArgs,
    kubeProxy: undefined,
    criSocket,
  };
}

/** Of a controller's own worker; the profile `default` is there without being configured. */
export function workerFactsOf(
  config: ClusterConfig,
  options: Choice & WorkerChoice & { readonly profile: string },
): WorkerFacts {
  const { workerProfiles, network } = config.spec;
  const index = workerProfiles.findIndex(({ name }) => name === options.profile);
  const { disabledComponents, kubeletExtraArgs, criSocket } = options;
  return {
    disabledComponents,
    kubeletExtraArgs,
    criSocket,
    kubeletConfiguration: workerProfiles[index]?.values ?? {},
    profileAt: ["spec", "workerProfiles", index, "values"],
    kubeProxy: network.kubeProxy.disabled ? "off" : network.kubeProxy,
  };
}
