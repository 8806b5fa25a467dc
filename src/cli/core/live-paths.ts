// Where the k0s of this host keeps its files: what a running one says, else what the flags say.
// Upstream: pkg/config/cfgvars.go, pkg/config/runtime.go.

import { nodePaths, type NodePaths, type PathOptions } from "../../product/paths.ts";
import { readFileIfExists } from "../../os/files.ts";
import { isLocked } from "../../os/flock.ts";
import { errno } from "../../std/errors.ts";
import { parseYaml } from "../../std/yaml.ts";
import type { CliIo } from "./io.ts";

/** Reads the paths only: the schema of the whole configuration would double the time of `k0s kubectl`. */
export async function livePaths(
  flags: Omit<PathOptions, "root">,
  io: Pick<CliIo, "root">,
): Promise<NodePaths> {
  const own = nodePaths({ ...flags, root: io.root });
  const vars = await runtimeVars(own);
  if (vars === undefined) return own;
  return nodePaths({
    dataDir: vars["DataDir"],
    runDir: vars["RunDir"],
    kubeletRootDir: vars["KubeletRootDir"],
    statusSocket: vars["StatusSocketPath"],
  });
}

async function runtimeVars(paths: NodePaths): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    if (!isLocked(paths.runtimeConfigLock)) return undefined;
    const text = await readFileIfExists(paths.runtimeConfig);
    return text === undefined ? undefined : varsOf(parseYaml(text, { source: paths.runtimeConfig }));
  } catch (err) {
    // The file belongs to root; for anybody else the flags decide.
    if (errno(err) === "EACCES") return undefined;
    throw err;
  }
}

function varsOf(document: unknown): Record<string, string> {
  const { spec } = document as { spec?: { k0sVars?: Record<string, unknown> } };
  const entries = Object.entries(spec?.k0sVars ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== ""),
  );
}
