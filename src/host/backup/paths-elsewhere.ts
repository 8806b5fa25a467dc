// What a configuration names outside of what a backup holds: keys of Secrets, policies, authorities for log-in.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isIn } from "../../product/paths.ts";
import { leavesOf } from "../../std/leaves.ts";
import { isSavedPath } from "./layout.ts";

/** Everything in the settings of kube-apiserver that looks like a path, without repetition. */
export function pathsElsewhere({ spec }: Pick<ClusterConfig, "spec">, dataDir: string): readonly string[] {
  const texts = leavesOf([spec.api.extraArgs, spec.api.rawArgs, spec.security]).filter(
    (leaf) => typeof leaf === "string",
  );
  const paths = texts
    .map((text) => text.replace(/^--[a-z0-9-]+=/, ""))
    .filter((text) => text.startsWith("/"));
  return [...new Set(paths)].filter(
    (path) => !(isIn(path, dataDir) && isSavedPath(path.slice(dataDir.length + 1))),
  );
}
