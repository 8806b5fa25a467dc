// What a killed k0s may have left running: named by its pid file, known by its start time and by our mark in its
// environment (reference §6.1). Nothing else is ever touched.

import { dirname } from "node:path";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../os/files.ts";
import { endProcess, processArguments, processEnvironment, processInfo } from "../os/processes.ts";
import type { ProcessId } from "../os/processes.ts";
import { removeFile } from "../os/removal.ts";
import { UserError } from "../std/errors.ts";
import { managedVariable } from "./environment.ts";

/** Writes `<pid>\n`, as upstream does, and the start time beside it. */
export async function writePidFile(pidFile: string, id: ProcessId): Promise<void> {
  await ensureDir(dirname(pidFile));
  await writeFileAtomic(startTimeFile(pidFile), `${id.startTime}\n`);
  await writeFileAtomic(pidFile, `${id.pid}\n`);
}

/** Removes what `writePidFile` wrote. */
export async function removePidFile(pidFile: string): Promise<void> {
  await removeFile(pidFile);
  await removeFile(startTimeFile(pidFile));
}

/** The process that the pid file means, if it still runs and is ours. */
export async function findLeftOver(pidFile: string, argv0: string): Promise<ProcessId | undefined> {
  const text = await readFileIfExists(pidFile);
  if (text === undefined) return undefined;
  const pid = Number(text.trim());
  if (!/^\d+$/.test(text.trim()) || pid < 2) {
    throw new UserError(`The pid file ${pidFile} holds no process id.`, {
      hint: "Delete it and start again.",
      code: "bad-pid-file",
    });
  }
  const info = await processInfo(pid);
  if (info === undefined) return undefined;
  if ((await processEnvironment(pid)).get(managedVariable) !== "yes") return undefined;
  const startTime = await readFileIfExists(startTimeFile(pidFile));
  // Upstream's pid files have no start time beside them; then the name must do.
  const ours =
    startTime === undefined
      ? (await processArguments(pid))[0] === argv0
      : Number(startTime) === info.startTime;
  return ours ? { pid, startTime: info.startTime } : undefined;
}

/** Ends the left-over, if there is one, and removes its pid file. Tells which pid it was. */
export async function endLeftOver(
  pidFile: string,
  argv0: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<number | undefined> {
  const id = await findLeftOver(pidFile, argv0);
  if (id !== undefined) await endProcess(id, { ...options, group: true });
  await removePidFile(pidFile);
  return id?.pid;
}

function startTimeFile(pidFile: string): string {
  return `${pidFile.replace(/\.pid$/, "")}.starttime`;
}
