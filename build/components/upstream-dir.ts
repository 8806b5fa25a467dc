// Where the sources of an upstream module lie on this machine.

import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { goEnvironment } from "./go-build.ts";

/** Folder of the upstream module in the module cache, downloaded and verified against go.sum. */
export async function upstreamDir(module: string, workDir: string, signal?: AbortSignal): Promise<string> {
  const options = {
    cwd: workDir,
    env: goEnvironment(hostPlatform()),
    what: `downloading the sources of ${module}`,
    ...(signal === undefined ? {} : { signal }),
  };
  await runCommand(["go", "mod", "download", module], options);
  const dir = await runCommand(["go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module], options);
  return dir.trim();
}
