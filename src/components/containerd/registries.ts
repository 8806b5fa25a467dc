// Where containerd looks for the settings of registries: `<directory>/<host>/hosts.toml`, as soon as such a file is there.

import { join } from "node:path";
import { importedSettings } from "./imported-settings.ts";
import { at } from "./toml-value.ts";

/**
 * Whether a drop-in file, or one that it imports, sets up registries in containerd's older way (`mirrors`, `configs`), beside which a directory is
 * an error, or would end what they say. Such a cluster keeps what it has.
 */
export function setsUpRegistries(dropIn: unknown): boolean {
  const registry = at(dropIn, "plugins", "io.containerd.cri.v1.images", "registry");
  const older = at(dropIn, "plugins", "io.containerd.grpc.v1.cri", "registry");
  return ["mirrors", "configs", "auths"].some(
    (field) => at(registry, field) !== undefined || at(older, field) !== undefined,
  );
}

/** As `config_path`; undefined where the drop-in files have registries of their own. */
export async function registriesDir(configDir: string, dropIns: string): Promise<string | undefined> {
  if ((await importedSettings(dropIns)).some(setsUpRegistries)) return undefined;
  return join(configDir, "certs.d");
}
