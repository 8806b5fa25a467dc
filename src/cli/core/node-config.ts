// The configuration of the node that a command is about: of the running k0s, else of the file.
// Upstream: pkg/config/cfgvars.go (NodeConfig).

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { loadClusterConfig } from "../../config/load.ts";
import type { NodePaths } from "../../product/paths.ts";
import { readRuntimeConfig } from "../../config/runtime-config.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { publicAddress } from "../../os/addresses.ts";
import type { CliIo } from "./io.ts";

export async function nodeConfig(
  paths: NodePaths,
  file: string | undefined,
  io: Pick<CliIo, "readInput">,
): Promise<ClusterConfig> {
  const running = await readRuntimeConfig(paths);
  return running?.nodeConfig ?? fileConfig(paths, file, io);
}

/** What the next start on this host reads, whatever runs now. Throws a UserError if it cannot be used. */
export async function fileConfig(
  paths: Pick<NodePaths, "dataDir">,
  file: string | undefined,
  io: Pick<CliIo, "readInput">,
): Promise<ClusterConfig> {
  const { config } = await loadClusterConfig({
    path: file,
    single: false,
    dataDir: paths.dataDir,
    publicAddress: publicAddress(),
    rules: nodeRules,
    clusterExists: true,
    stdin: () => io.readInput(),
  });
  return config;
}
