// What is known of a controller before anything runs on it: what its components' declarations are asked with.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { NodeConfig } from "../config/fixed-fields.ts";
import { isStorageJoinable } from "../config/derived.ts";
import type { FlagMap } from "../std/flags.ts";
import type { Choice, DeclaredPort } from "../supervisor/declaration.ts";

/** The options are named as those of `k0s controller` (node-options.ts). */
export interface ControllerFacts extends Choice {
  readonly config: ClusterConfig;
  readonly single: boolean;
  readonly kubeControllerManagerExtraArgs: FlagMap;
  /** Absent: it does not run, or, where only a configuration is looked at, nobody knows. */
  readonly k0sCloudProvider?: { readonly port: number } | undefined;
}

/** No other controller can ever join: one host by choice, or by its storage. */
export function isSingleController({ single }: Pick<ControllerFacts, "single">, config: NodeConfig): boolean {
  return single || !isStorageJoinable(config);
}

/** Of what others on the network are to reach. */
export function apiAddress({ spec: { api } }: NodeConfig): Pick<DeclaredPort, "address"> {
  return api.onlyBindToAddress ? { address: api.address } : {};
}
