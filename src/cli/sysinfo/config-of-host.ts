// The configuration that a controller on this host has or would have.

import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { loadClusterConfig } from "../../config/load.ts";
import { readRuntimeConfig } from "../../config/runtime-config.ts";
import { publicAddress } from "../../os/addresses.ts";
import type { NodePaths } from "../../product/paths.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { UserError } from "../../std/errors.ts";

export interface ConfigOfHost {
  readonly config: ClusterConfig;
  /** Why k0s.yaml cannot be used, so that these are the defaults. */
  readonly problem?: string;
}

/** Of the controller that runs, else of k0s.yaml, else the defaults. */
export async function configOfHost(
  paths: NodePaths,
  { root }: { readonly root: boolean },
): Promise<ConfigOfHost> {
  const running = root ? await readRuntimeConfig(paths) : undefined;
  if (running?.nodeConfig !== undefined) return { config: running.nodeConfig };
  const defaults = { single: false, dataDir: paths.dataDir, publicAddress: publicAddress() };
  try {
    // Networks that hold an address of this host are a finding of their own.
    return { config: await loadClusterConfig({ ...defaults, rules: nodeRules, clusterExists: true }) };
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    return { config: configDefaultsFor(defaults), problem: err.message };
  }
}
