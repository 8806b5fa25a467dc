// The configuration that a controller on this host has or would have.

import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { defaultConfigPath, loadClusterConfig } from "../../config/load.ts";
import { readRuntimeConfig } from "../../config/runtime-config.ts";
import { publicAddress } from "../../os/addresses.ts";
import { statIfExists } from "../../os/files.ts";
import type { NodePaths } from "../../product/paths.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { UserError } from "../../std/errors.ts";

export interface ConfigOfHost {
  readonly config: ClusterConfig;
  /** Not the defaults of a host that may be a worker's, or have been started with another file. */
  readonly known: boolean;
  /** Why k0s.yaml cannot be used, so that these are the defaults. */
  readonly problem?: string;
}

/** Of the controller that runs, else of k0s.yaml, else the defaults. */
export async function configOfHost(
  paths: NodePaths,
  { root }: { readonly root: boolean },
  file = defaultConfigPath,
): Promise<ConfigOfHost> {
  const running = root ? await readRuntimeConfig(paths) : undefined;
  if (running?.nodeConfig !== undefined) return { config: running.nodeConfig, known: true };
  const defaults = { single: false, dataDir: paths.dataDir, publicAddress: publicAddress() };
  try {
    // Networks that hold an address of this host are a finding of their own.
    const { config } = await loadClusterConfig({ ...defaults, rules: nodeRules, clusterExists: true });
    return { config, known: (await statIfExists(file)) !== undefined };
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    return { config: configDefaultsFor(defaults), known: false, problem: err.message };
  }
}
