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
  /** Undefined where the cluster has none. */
  readonly kubeProxy:
    | { readonly metricsBindAddress: string; readonly healthzBindAddress: string }
    | undefined;
}

/** Of a controller's own worker; the profile `default` is there without being configured. */
export function workerFactsOf(
  config: ClusterConfig,
  options: Choice & { readonly profile: string; readonly kubeletExtraArgs: FlagMap },
): WorkerFacts {
  const { workerProfiles, network } = config.spec;
  const index = workerProfiles.findIndex(({ name }) => name === options.profile);
  const { disabledComponents, kubeletExtraArgs } = options;
  return {
    disabledComponents,
    kubeletExtraArgs,
    kubeletConfiguration: workerProfiles[index]?.values ?? {},
    profileAt: ["spec", "workerProfiles", index, "values"],
    kubeProxy: network.kubeProxy.disabled ? undefined : network.kubeProxy,
  };
}
