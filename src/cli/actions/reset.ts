// `k0s reset`: shows what will go, asks on a terminal, removes it. Reference §14.3, user story 7.

import { createInterface } from "node:readline/promises";
import { controlPlaneUsers } from "../../controller/system-users.ts";
import type { NodePaths } from "../../config/paths.ts";
import { nodePaths } from "../../config/paths.ts";
import { executeReset, prepareReset } from "../../node/reset.ts";
import { describeReset } from "../../node/reset/describe.ts";
import { removeExternalPods } from "../../node/reset/external-pods.ts";
import { errorMessage } from "../../std/errors.ts";
import { createLogger } from "../../std/logfmt.ts";
import type { Logger } from "../../std/log.ts";
import type { Invocation } from "../command.ts";
import type { resetFlags } from "../commands/reset.ts";
import type { CliIo } from "../io.ts";
import { logLevel } from "../log-level.ts";
import { nodeConfig } from "../node-config.ts";
import { formatSeconds, painter } from "../output.ts";
import { requireRoot } from "../require-root.ts";

export async function reset({ flags, io }: Invocation<typeof resetFlags>): Promise<number> {
  requireRoot(io);
  const log = createLogger({ level: logLevel(flags), write: (line) => io.err(line) });
  const paths = nodePaths({
    dataDir: flags.dataDir,
    statusSocket: flags.statusSocket,
    kubeletRootDir: flags.kubeletRootDir === "" ? undefined : flags.kubeletRootDir,
    root: io.root,
  });
  const users = await configuredUsers(paths, flags.config, io, log);
  const options = { paths, users, signal: io.signal };
  const prepared = await prepareReset(options);
  io.out(describeReset(prepared.seen));
  if (flags.dryRun || prepared.steps.length === 0) return 0;
  if (!flags.yes && io.terminal.stdin && !(await confirmed(io.signal))) return 1;

  const started = performance.now();
  if (flags.criSocket !== undefined) await removeExternalPods(flags.criSocket, log, io.signal);
  await executeReset(prepared, options, log);
  const tick = painter(io.terminal.stdout)("green", "✔");
  io.out(
    `${tick} removed in ${formatSeconds(performance.now() - started)}; nothing of k0s is left, no reboot needed\n`,
  );
  return 0;
}

/** A broken configuration must not keep anybody from removing k0s. */
async function configuredUsers(paths: NodePaths, file: string, io: CliIo, log: Logger): Promise<string[]> {
  const users = new Set<string>(controlPlaneUsers);
  try {
    const { spec } = await nodeConfig(paths, file === "" ? undefined : file, io);
    for (const name of Object.values(spec.installConfig.users)) users.add(name);
    const external = spec.storage.type === "kine" && !spec.storage.kine.dataSource.startsWith("sqlite:");
    if (external) log.warn("The external database keeps the data of this cluster");
  } catch (err) {
    if (file !== "") throw err;
    log.warn("Configuration cannot be read, its users stay", { err: errorMessage(err) });
  }
  return [...users];
}

async function confirmed(signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await prompt.question("Continue? [y/N] ", { signal })).trim());
  } finally {
    prompt.close();
  }
}
