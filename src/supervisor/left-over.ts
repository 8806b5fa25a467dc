// What a killed k0s may have left running: named by its pid file, known by its start time and by our mark in its
// environment. Nothing else is ever touched. Upstream: pkg/supervisor/supervisor.go.

import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../os/files.ts";
import { endProcess, processArguments, processEnvironment, processInfo } from "../os/processes.ts";
import type { ProcessId } from "../os/processes.ts";
import { removeFile } from "../os/removal.ts";
import { isNotFound, UserError } from "../std/errors.ts";
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

/** The process that the pid file names, if it still runs and is ours. */
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
  const [environment, args, startTime] = await Promise.all([
    processEnvironment(pid),
    processArguments(pid),
    readFileIfExists(startTimeFile(pidFile)),
  ]);
  const started = startTime === undefined ? undefined : Number(startTime) === info.startTime;
  return isOurs({ environment, args, started }, argv0) ? { pid, startTime: info.startTime } : undefined;
}

export interface FoundProcess {
  readonly environment: ReadonlyMap<string, string>;
  readonly args: readonly string[];
  /** Whether it started when the process of the pid file did; undefined where that was not noted. */
  readonly started: boolean | undefined;
}

export function isOurs({ environment, args, started }: FoundProcess, argv0: string): boolean {
  // One that has been killed and cannot end has given back its memory, and both of these with it.
  if (environment.size === 0 && args.length === 0) return started === true;
  if (environment.get(managedVariable) !== "yes") return false;
  // Upstream's pid files have no start time beside them; then the name must do.
  return started ?? args[0] === argv0;
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

/** Processes of a k0s that has ended: one that does not end keeps its pid file. By the pid files of a run directory. */
export async function leftProcesses(
  runDir: string,
): Promise<readonly (ProcessId & { readonly name: string })[]> {
  const left: (ProcessId & { readonly name: string })[] = [];
  for (const file of await pidFilesIn(runDir)) {
    const pidFile = join(runDir, file);
    const [pid, startTime] = (
      await Promise.all([readFileIfExists(pidFile), readFileIfExists(startTimeFile(pidFile))])
    ).map(Number);
    const info = pid === undefined || Number.isNaN(pid) ? undefined : await processInfo(pid);
    if (info === undefined || info.startTime !== startTime) continue;
    left.push({ name: file.replace(/\.pid$/, ""), pid: info.pid, startTime: info.startTime });
  }
  return left;
}

/** None where there is no directory: a stop may find it removed. */
async function pidFilesIn(runDir: string): Promise<readonly string[]> {
  try {
    return (await readdir(runDir)).filter((name) => name.endsWith(".pid"));
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}

function startTimeFile(pidFile: string): string {
  return `${pidFile.replace(/\.pid$/, "")}.starttime`;
}
