// The part of the cluster as a controller has adopted it last: what it starts with, so that a start neither waits for the API
// nor goes back to what its file says.

import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { NodeDefaults } from "../../config/schema/node-defaults.ts";
import { joinConfig, splitConfig } from "../../config/split.ts";
import { checkClusterConfig } from "../../config/validate.ts";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { dumpYaml, parseYaml } from "../../std/yaml.ts";
import { cacheName } from "./declaration.ts";

const fileOf = (dataDir: string): string => join(dataDir, cacheName);

/** This controller's own part with it; undefined if there is none, or none that this release can read. */
export async function withCachedConfig(
  own: ClusterConfig,
  defaults: NodeDefaults,
): Promise<ClusterConfig | undefined> {
  const file = fileOf(defaults.dataDir);
  const text = await readFileIfExists(file);
  if (text === undefined) return undefined;
  const { config, problems } = checkClusterConfig(parseYaml(text, { source: file }), {
    ...defaults,
    clusterExists: true,
  });
  if (problems.length > 0) return undefined;
  return joinConfig({ node: splitConfig(own).node, cluster: splitConfig(config).cluster });
}

/** For root alone: Helm repositories have passwords. */
export async function cacheConfig(config: ClusterConfig, dataDir: string): Promise<void> {
  const { apiVersion, kind, spec } = splitConfig(config).cluster;
  await writeFileAtomic(fileOf(dataDir), dumpYaml({ apiVersion, kind, spec }), { mode: 0o600 });
}
