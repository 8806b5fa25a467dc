// Processes by /proc: who runs, and ending exactly the one that was meant. A pid alone is reused; pid and start
// time together are not.

import { readFile, readdir, readlink, stat } from "node:fs/promises";
import { errno, isNotFound } from "../std/errors.ts";
import { pinProcess } from "./pinned-process.ts";
import { sleep } from "../std/wait.ts";
import { unendingProcess } from "./unending-process.ts";

/** Names one process for all time (of this boot). */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTime: number;
}

export interface ProcessInfo extends ProcessId {
  readonly ppid: number;
  readonly pgid: number;
  readonly session: number;
  /** `R`, `S`, `D`, `Z`, … */
  readonly state: string;
  /** How many threads it has; 1 for a zombie that is only waiting for its parent. */
  readonly threads: number;
  /** The kernel's short name. */
  readonly comm: string;
}

/** One process, or undefined if there is none with that pid. */
export async function processInfo(pid: number): Promise<ProcessInfo | undefined> {
  const text = await readProc(pid, "stat");
  return text === undefined ? undefined : parseStat(text.toString("latin1"));
}

/** All processes of this pid namespace. */
export async function listProcesses(): Promise<readonly ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => processInfo(Number(pid))));
  return found.filter((info) => info !== undefined);
}

/** The argument vector; empty for kernel threads and for processes that are gone. */
export async function processArguments(pid: number): Promise<readonly string[]> {
  return splitNul(await readProc(pid, "cmdline"));
}

/** The environment it was started with; empty if we may not see it. */
export async function processEnvironment(pid: number): Promise<ReadonlyMap<string, string>> {
  const entries = splitNul(await readProc(pid, "environ")).map((entry): [string, string] => {
    const at = entry.indexOf("=");
    return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return new Map(entries);
}

/** Its real, effective, saved and file system user ids; none if it is gone. */
export async function processUsers(pid: number): Promise<readonly number[]> {
  const status = (await readProc(pid, "status"))?.toString("latin1") ?? "";
  return (/^Uid:\s+(.*)$/m.exec(status)?.[1] ?? "").split(/\s+/).filter(Boolean).map(Number);
}

/** Names the directory that is its root; undefined if it is gone. */
export async function processRoot(pid: number | "self"): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(`/proc/${pid}/root`);
    return `${dev}:${ino}`;
  } catch (err) {
    if (isGone(err)) return undefined;
    throw err;
  }
}

/** The file it runs, or undefined. A replaced file reads `… (deleted)`. */
export async function processExecutable(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/exe`);
  } catch (err) {
    if (isGone(err)) return undefined;
    throw err;
  }
}

/**
 * True while that very process exists and is not a zombie. One whose first thread has ended looks like a zombie while
 * its other threads go on, for instance for the moment in which one of them runs another program.
 */
export async function isRunning(id: ProcessId): Promise<boolean> {
  const info = await processInfo(id.pid);
  if (info === undefined || info.startTime !== id.startTime) return false;
  return (info.state !== "Z" && info.state !== "X") || info.threads > 1;
}

/** Signals that very process, or its whole group; false if it is gone. No other process can get the signal. */
export async function signalProcess(
  id: ProcessId,
  signal: NodeJS.Signals,
  options: { readonly group?: boolean } = {},
): Promise<boolean> {
  using pinned = pinProcess(id.pid);
  // Compared after the pidfd was opened: the process that the pidfd holds has had this number since then.
  if (pinned === undefined || !(await isRunning(id))) return false;
  return pinned.signal(signal, options);
}

/** Waits until it is gone; false if that takes longer than `timeoutMs`. */
export async function waitForExit(id: ProcessId, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    if (!(await isRunning(id))) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left), signal);
  }
}

const killPatienceMs = 5_000;

/** SIGTERM, patience, SIGKILL; resolves when it is gone, throws a UserError if even that does not end it. */
export async function endProcess(
  id: ProcessId,
  options: { timeoutMs: number; group?: boolean; signal?: AbortSignal },
): Promise<void> {
  if (!(await signalProcess(id, "SIGTERM", options))) return;
  if (await waitForExit(id, options.timeoutMs, options.signal)) return;
  await signalProcess(id, "SIGKILL", options);
  if (await waitForExit(id, killPatienceMs, options.signal)) return;
  const { comm = "process" } = (await processInfo(id.pid)) ?? {};
  throw await unendingProcess(comm, id.pid, killPatienceMs);
}

function parseStat(text: string): ProcessInfo | undefined {
  // The name is in parentheses and may itself hold blanks and parentheses.
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const rest = text.slice(close + 2).split(" ");
  const [state, ppid, pgid, session] = rest;
  const startTime = rest[19];
  if (open < 0 || state === undefined || startTime === undefined) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state,
    ppid: Number(ppid),
    pgid: Number(pgid),
    session: Number(session),
    threads: Number(rest[17]),
    startTime: Number(startTime),
  };
}

async function readProc(pid: number, name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(`/proc/${pid}/${name}`);
  } catch (err) {
    if (isGone(err)) return undefined;
    throw err;
  }
}

function isGone(err: unknown): boolean {
  const code = errno(err);
  return isNotFound(err) || code === "ESRCH" || code === "EACCES" || code === "EPERM";
}

function splitNul(bytes: Buffer | undefined): readonly string[] {
  const text = bytes?.toString("utf8") ?? "";
  if (text === "") return [];
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}
