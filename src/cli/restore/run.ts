// `k0s restore`. Upstream: cmd/restore/restore_unix.go.

import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { claimRuntime, isRuntimeClaimed } from "../../config/runtime-config.ts";
import { restoredConfigName } from "../../host/backup/layout.ts";
import { assertMayUse } from "../../host/own-directories.ts";
import { restoreBackup } from "../../host/restore/restore.ts";
import { nodeName } from "../../node/name.ts";
import { publicAddress } from "../../os/addresses.ts";
import { statIfExists } from "../../os/files.ts";
import { nodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { createLogger } from "../../std/logfmt.ts";
import { assertDirectory } from "../core/output-directory.ts";
import type { Invocation } from "../core/command.ts";
import { logLevel } from "../core/log-level.ts";
import { requireRoot } from "../core/require-root.ts";
import { stagedBinary } from "../core/staged-binary.ts";
import { archiveSource } from "./archive-source.ts";
import type { restoreFlags } from "./command.ts";
import { writeConfiguration } from "./configuration-file.ts";
import { restoredText } from "./restored-text.ts";

export async function restore({ flags, args, io }: Invocation<typeof restoreFlags>): Promise<number> {
  requireRoot(io);
  const [given = ""] = args;
  const log = createLogger({ level: logLevel(flags), write: (line) => io.err(line) });
  const paths = nodePaths({ dataDir: flags.dataDir, statusSocket: flags.statusSocket, root: io.root });
  if (isRuntimeClaimed(paths)) throw stillRuns();
  const named = flags.configOut === "" ? restoredConfigName(given) : flags.configOut;
  const configOut = named === "-" ? undefined : resolve(named);
  if (configOut !== undefined) await assertCanHold(configOut);
  await assertMayUse(paths);
  await using source = await archiveSource(given, paths.dataDir, io);
  const claim = await claimRuntime(paths);
  let kept: string | undefined;
  try {
    const restored = await restoreBackup({
      archive: source.path,
      shown: given === "-" ? "standard input" : given,
      paths,
      name: nodeName(hostname(), undefined),
      publicAddress: publicAddress(),
      etcdProgram: () => stagedBinary("etcd", paths, io),
      configuration: async (text) => {
        if (configOut === undefined) io.out(text);
        else kept = await writeConfiguration(configOut, text, new Date());
      },
      log,
      signal: io.signal,
    });
    io.err(restoredText(restored, configOut, kept));
  } finally {
    await claim.release();
  }
  return 0;
}

function stillRuns(): UserError {
  return new UserError("k0s seems to be running! k0s must be down during the restore operation.", {
    code: "already-running",
    hint: "`k0s stop` ends it.",
  });
}

/** Before anything is done: at the end it would come when files are in their places already. */
export async function assertCanHold(configOut: string): Promise<void> {
  const directory = dirname(configOut);
  await assertDirectory(directory, {
    what: "the directory of --config-out",
    or: "name another file for the configuration, or - for standard output",
  });
  const present = await statIfExists(configOut);
  if (present?.isDirectory() === true)
    throw new UserError(`--config-out is a directory: ${configOut}`, {
      code: "is-directory",
      hint: "Name the file that gets the configuration, or - for standard output.",
    });
  if (present?.isFile() === false)
    throw new UserError(`--config-out is not a regular file: ${configOut}`, {
      code: "not-a-file",
      hint: "Name the file that gets the configuration, or - for standard output.",
    });
}
