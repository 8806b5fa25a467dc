// `k0s reset`: shows what will go, asks on a terminal, removes it. Upstream: cmd/reset/reset.go.

import { createInterface } from "node:readline/promises";
import { defaultDataDir, nodePaths, type NodePaths } from "../../product/paths.ts";
import { databaseElsewhere } from "../../components/kine/database-file.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import { executeReset, prepareReset } from "../../host/reset/sequence.ts";
import { describeReset, describeResult } from "../../host/reset/describe.ts";
import { removeExternalPods } from "../../host/reset/external-pods.ts";
import { kubeletRootDirs } from "../../host/reset/observe.ts";
import { assertAnswering } from "../../os/answering.ts";
import { errno, errorMessage, UserError } from "../../std/errors.ts";
import { createLogger } from "../../std/logfmt.ts";
import type { Logger } from "../../std/log.ts";
import type { Invocation } from "../core/command.ts";
import type { resetFlags } from "./command.ts";
import type { CliIo } from "../core/io.ts";
import { logLevel } from "../core/log-level.ts";
import { nodeConfig } from "../core/node-config.ts";
import { formatSeconds, painter } from "../core/output.ts";
import { requireRoot } from "../core/require-root.ts";

export async function reset({ flags, given, io }: Invocation<typeof resetFlags>): Promise<number> {
  requireRoot(io);
  const log = createLogger({ level: logLevel(flags), write: (line) => io.err(line) });
  const { dataDir, statusSocket, kubeletRootDir, dryRun } = flags;
  const named = [dataDir === "" ? defaultDataDir : dataDir, kubeletRootDir, "/run/k0s"].filter(
    (path) => path !== "",
  );
  await assertAnswering(named);
  const paths = nodePaths({ dataDir, statusSocket, kubeletRootDir, root: io.root });
  const isNamed = given.has("dataDir") && dataDir !== "";
  const options = { paths, named, dryRun, evenCutOff: flags.yes && isNamed, signal: io.signal };
  await warnAboutDatabase(paths, flags.config, io, log);
  await using prepared = await prepareReset(options);
  io.out(describeReset(prepared.seen));
  if (dryRun || prepared.steps.length === 0) return 0;
  const meant = flags.yes || isNamed;
  if (!meant && !io.terminal.stdin) throw notMeant(paths);
  if (!flags.yes && io.terminal.stdin && !(await confirmed(io.signal))) return 1;

  const started = performance.now();
  if (flags.criSocket !== undefined)
    await removeExternalPods(flags.criSocket, kubeletRootDirs(paths, prepared.record), log, io.signal);
  await executeReset(prepared, options, log);
  const tick = painter(io.terminal.stdout)("green", "✔");
  io.out(`${tick} removed in ${formatSeconds(performance.now() - started)}; ${describeResult(prepared)}\n`);
  return 0;
}

/**
 * Without a terminal nobody can be asked. A user who names the installation has said what is meant, as upstream's
 * k0sctl does with `k0s reset --data-dir=…`. docs/adr/0043.
 */
function notMeant({ dataDir }: NodePaths): UserError {
  return new UserError(
    "reset removes the above only if it is really meant, and there is no terminal to ask on",
    {
      code: "not-confirmed",
      hint: `Give --yes, or name the installation: --data-dir ${dataDir}. --dry-run only shows what would be removed.`,
    },
  );
}

/** A broken configuration must not keep anybody from removing k0s. */
async function warnAboutDatabase(paths: NodePaths, file: string, io: CliIo, log: Logger): Promise<void> {
  try {
    const { spec } = await nodeConfig(paths, file === "" ? undefined : file, io);
    if (spec.storage.type !== "kine") return;
    const { dataSource } = spec.storage.kine;
    const database = databaseElsewhere(sqliteFile(dataSource, paths.dataDir), paths.dataDir);
    if (database !== undefined)
      log.warn("The database outside of the data directory stays", { file: database });
    else if (!dataSource.startsWith("sqlite:"))
      log.warn("The external database keeps the data of this cluster");
  } catch (err) {
    if (file !== "") throw err;
    log.warn("Configuration cannot be read, so an external database goes unmentioned", {
      err: errorMessage(err),
    });
  }
}

async function confirmed(signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await prompt.question("Continue? [y/N] ", { signal })).trim());
  } catch (err) {
    signal.throwIfAborted();
    // Ctrl-C and Ctrl-D: no.
    if (errno(err) === "ABORT_ERR") return false;
    throw err;
  } finally {
    prompt.close();
  }
}
