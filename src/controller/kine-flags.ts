// The argument list of kine and what its data source says. Upstream: pkg/component/controller/kine.go; reference §7.3.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { NodePaths } from "../config/paths.ts";
import { type FlagMap, mergeFlags, renderFlags } from "../std/flags.ts";

/** The complete, sorted argument list. */
export function kineArgs(config: ClusterConfig, paths: NodePaths): string[] {
  const { dataSource, extraArgs, rawArgs } = config.spec.storage.kine;
  const generated: FlagMap = {
    endpoint: dataSource,
    "listen-address": `unix://${paths.kineSocket}`,
    // Upstream serves them unauthenticated on every interface (reference §18.2.5).
    "metrics-bind-address": "127.0.0.1:2380",
    // kube-apiserver asks for compaction itself.
    "compact-interval": "0",
  };
  return renderFlags(mergeFlags(generated, extraArgs), rawArgs);
}

/** The database file of an SQLite data source, or undefined for the other backends. */
export function sqliteFile(dataSource: string): string | undefined {
  const match = /^sqlite:\/\/(?:file:)?([^?]+)/.exec(dataSource);
  return match?.[1];
}
