// `k0s version`: text or JSON. Upstream: cmd/version/version.go.

import { componentVersions, k0sVersion } from "../../product/versions.ts";
import type { CliIo } from "../core/io.ts";
import { printJson } from "../core/output.ts";

export async function version(flags: { all: boolean; json: boolean }, io: Pick<CliIo, "out">): Promise<void> {
  if (flags.all) {
    for (const [name, text] of Object.entries({ k0s: k0sVersion, ...componentVersions }))
      io.out(`${name} : ${text}\n`);
    return;
  }
  if (flags.json) {
    printJson(io, { k0s: k0sVersion, ...componentVersions });
    return;
  }
  io.out(`${k0sVersion}\n`);
}
