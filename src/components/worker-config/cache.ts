// The last settings on the disk, so that a node starts while no controller answers.
// Upstream: pkg/component/worker/config/loader.go.

import type { NodePaths } from "../../product/paths.ts";
import { readFileIfExists, writeFileIfChanged } from "../../os/files.ts";
import { dumpYaml, parseYaml } from "../../std/yaml.ts";

export interface CachedSettings {
  /** Name of the ConfigMap. */
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

export async function writeSettingsCache(paths: NodePaths, settings: CachedSettings): Promise<void> {
  await writeFileIfChanged(paths.workerProfileCache, dumpYaml(settings), { mode: 0o600 });
}

/** Undefined when there is none, or one of another profile or version. */
export async function readSettingsCache(paths: NodePaths, name: string): Promise<CachedSettings | undefined> {
  const text = await readFileIfExists(paths.workerProfileCache);
  if (text === undefined) return undefined;
  const found = parseYaml(text, { source: paths.workerProfileCache }) as Partial<CachedSettings> | null;
  return found?.name === name && found.data !== undefined ? { name, data: found.data } : undefined;
}
