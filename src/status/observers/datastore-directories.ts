// Where a controller keeps its objects on this host, which is often a disk of its own.

import { dirname } from "node:path";
import { sqliteFile } from "../../components/kine/flags.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import type { NodePaths } from "../../product/paths.ts";

/** None where the objects are kept elsewhere. */
export function datastoreDirectories(config: NodeConfig, paths: NodePaths): readonly string[] {
  if (isEtcdManaged(config)) return [paths.etcdDataDir];
  const { type, kine } = config.spec.storage;
  const file = type === "kine" ? sqliteFile(kine.dataSource, paths.dataDir) : undefined;
  return file === undefined ? [] : [dirname(file)];
}
