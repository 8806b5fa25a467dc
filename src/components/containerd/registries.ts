// Where containerd looks for the settings of registries: `<directory>/<host>/hosts.toml`, as soon as such a file is there.

import { join } from "node:path";
import { readFileIfExists } from "../../os/files.ts";
import { namesIn } from "./drop-ins.ts";

/**
 * Whether a drop-in file sets up registries in containerd's older way (`mirrors`, `configs`), beside which a directory is
 * an error, or would end what they say. Such a cluster keeps what it has.
 */
export function setsUpRegistries(dropIn: string): boolean {
  const registry = at(parsed(dropIn), "plugins", "io.containerd.cri.v1.images", "registry");
  const older = at(parsed(dropIn), "plugins", "io.containerd.grpc.v1.cri", "registry");
  return ["mirrors", "configs", "auths"].some(
    (field) => at(registry, field) !== undefined || at(older, field) !== undefined,
  );
}

/** As `config_path`; undefined where the drop-in files have registries of their own. */
export async function registriesDir(configDir: string, dropIns: string): Promise<string | undefined> {
  for (const name of (await namesIn(dropIns)).filter((file) => file.endsWith(".toml"))) {
    const text = await readFileIfExists(join(dropIns, name));
    if (text !== undefined && setsUpRegistries(text)) return undefined;
  }
  return join(configDir, "certs.d");
}

/** Undefined for what is not TOML: containerd itself says so. */
function parsed(text: string): unknown {
  try {
    return Bun.TOML.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
