// Finds a program that comes with k0s; unpacks it where no k0s has run yet or its copy cannot be used.
// Never into a directory that belongs to no installation: it would look like one.

import { homedir } from "node:os";
import { join } from "node:path";
import { recordFileName } from "../../config/installation-record.ts";
import { type NodePaths, rootsCacheDir } from "../../product/paths.ts";
import { statIfExists } from "../../os/files.ts";
import { isExecutable } from "../../os/find-executable.ts";
import type { CliIo } from "./io.ts";

/** The absolute path of `name`, ready to run. */
export async function stagedBinary(
  name: string,
  paths: NodePaths,
  io: Pick<CliIo, "env" | "root" | "signal">,
): Promise<string> {
  const staged = join(paths.binDir, name);
  if (isExecutable(staged)) return staged;
  const [{ openPayload }, { stageBinaries }] = await Promise.all([
    import("../../payload/payload.ts"),
    import("../../payload/stage-binaries.ts"),
  ]);
  const binDir = await stagingDir(paths, io);
  await using payload = await openPayload();
  await stageBinaries(payload, { names: [name], binDir, signal: io.signal });
  return join(binDir, name);
}

/** The directory of the installation, else a cache. */
export async function stagingDir(paths: NodePaths, io: Pick<CliIo, "env" | "root">): Promise<string> {
  if (!io.root) return join(io.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "k0s", "bin");
  const started = await statIfExists(join(paths.dataDir, recordFileName));
  return started === undefined ? rootsCacheDir : paths.binDir;
}
