// `k0s backup`: one file, whole or not at all. Upstream: cmd/backup/backup_unix.go.

import { hostname } from "node:os";
import { resolve } from "node:path";
import { readRuntimeConfig } from "../../config/runtime-config.ts";
import { writeBackup } from "../../host/backup/backup.ts";
import { datastoreToSave } from "../../host/backup/datastore.ts";
import { backupName } from "../../host/backup/layout.ts";
import { backupNote } from "../../host/backup/note.ts";
import { fillNewFile } from "../../os/new-file.ts";
import { queryStatus } from "../../status/client.ts";
import { UserError } from "../../std/errors.ts";
import { createLogger } from "../../std/logfmt.ts";
import { writeToDescriptor } from "../airgap/output.ts";
import { assertDirectory } from "../core/output-directory.ts";
import type { Invocation } from "../core/command.ts";
import { livePaths } from "../core/live-paths.ts";
import { logLevel } from "../core/log-level.ts";
import { requireRoot } from "../core/require-root.ts";
import type { backupFlags } from "./command.ts";

const stdout = 1;

export async function backup({ flags, io }: Invocation<typeof backupFlags>): Promise<number> {
  requireRoot(io);
  const { savePath } = flags;
  const streams = savePath === "-";
  if (!streams) await assertSavePath(savePath);
  else if (io.terminal.stdout)
    throw new UserError("the archive is not written to a terminal", {
      code: "terminal",
      hint: "Send it to a file or program, or name a directory with --save-path.",
    });
  const log = createLogger({ level: logLevel(flags), write: (line) => io.err(line) });
  const paths = await livePaths(flags, io);
  const status = await queryStatus(paths.statusSocket, io.signal);
  if (status.Role !== "controller")
    throw new UserError(`backup command must be run on the controller node, have "${status.Role}"`, {
      code: "wrong-role",
    });
  const running = await readRuntimeConfig(paths);
  if (running?.nodeConfig === undefined)
    throw new UserError("k0s has not read its configuration yet", {
      code: "not-ready",
      hint: "Try again once `k0s status` answers that it is well.",
    });
  const config = running.nodeConfig;
  datastoreToSave(config, paths.dataDir);
  const startup = running.vars["StartupConfigPath"] ?? "";
  const now = new Date();
  const note = backupNote({
    createdAt: now.toISOString(),
    version: status.Version,
    node: hostname(),
    dataDir: paths.dataDir,
    args: [...status.Args],
  });
  const save = async (write: (piece: Uint8Array) => Promise<void>): Promise<void> => {
    const configFile = startup === "" ? undefined : startup;
    await writeBackup({ paths, config, configFile, note, write, log, signal: io.signal });
  };
  if (streams) {
    await save((piece) => writeToDescriptor(stdout, [piece], io.signal));
    return 0;
  }
  const path = resolve(savePath, backupName(now));
  await fillNewFile(path, async (file) => {
    await save(async (piece) => file.appendFile(piece));
  });
  io.out(`${path}\n`);
  return 0;
}

async function assertSavePath(path: string): Promise<void> {
  if (path === "")
    throw new UserError(`the save-path directory (${path}) does not exist`, {
      code: "no-directory",
      hint: "Name one with --save-path, or - for standard output.",
    });
  await assertDirectory(path, {
    what: "the save-path directory",
    or: "name another one with --save-path, or - for standard output",
  });
}
