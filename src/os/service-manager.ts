// Which service of the host's service manager a process is, so that it can be stopped there: a manager that is told to
// keep a service running starts it again after a mere signal.

import { readlink } from "node:fs/promises";
import { basename } from "node:path";
import { isNotFound, UserError } from "../std/errors.ts";
import { formatDuration } from "../std/duration.ts";
import { inTime, pollUntil, type TimeoutError } from "../std/wait.ts";
import { run } from "./exec.ts";
import { readFileIfExists, statIfExists } from "./files.ts";
import { findExecutable } from "./find-executable.ts";
import { hangMs } from "./patience.ts";
import { processArguments, processInfo, type ProcessId } from "./processes.ts";

type Manager = "systemd" | "OpenRC" | "runit" | "s6";

export interface ManagedService {
  readonly manager: Manager;
  /** For runit and s6 the directory of the service. */
  readonly name: string;
}

/** Undefined for a process that no manager would start again: from a shell, or below another service's main process. */
export async function serviceOf(id: ProcessId, signal: AbortSignal): Promise<ManagedService | undefined> {
  return (await systemdServiceOf(id, signal)) ?? (await supervisedServiceOf(id));
}

/** How each is asked to stop a service. systemd only takes note of it, the others return when the process has ended. */
const stopCommand: Readonly<Record<Manager, (name: string, timeoutMs: number) => readonly string[]>> = {
  systemd: (name) => ["systemctl", "stop", "--no-block", name],
  OpenRC: (name) => ["rc-service", name, "stop"],
  runit: (name, timeoutMs) => ["sv", "-w", String(Math.ceil(timeoutMs / 1000)), "down", name],
  s6: (name, timeoutMs) => ["s6-svc", "-wd", "-T", String(timeoutMs), "-d", name],
};

/**
 * Asks the manager to stop the service, which keeps it from starting it again. Throws a UserError with the manager's own words when it
 * refuses, and one when it takes too long.
 */
export async function stopService(
  { manager, name }: ManagedService,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const command = stopCommand[manager](name, options.timeoutMs);
  const [tool = "", ...args] = command;
  const { code, stdout, stderr } = await inTime(
    run(findExecutable(tool) ?? tool, args, options),
    tooLate(manager, name, options.timeoutMs),
  );
  if (code === 0) return;
  const why = `${stderr}\n${stdout}`.trim().split("\n").at(0) ?? "";
  throw new UserError(`${manager} did not stop ${name}${why === "" ? "" : `: ${why}`}`, {
    code: "service-not-stopped",
    hint: `Run \`${command.join(" ")}\` to see why.`,
  });
}

/**
 * After the main process of a service has ended: until its manager has noticed, and would start it again. systemd still
 * stops the unit then, and k0s refuses to start what is about to end. `ask` runs a command and returns what it prints.
 */
export async function untilStopped(
  { manager, name }: ManagedService,
  ask: (words: readonly string[]) => Promise<string>,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  if (manager !== "systemd") return;
  await inTime(
    pollUntil(
      async () =>
        !(await ask(["systemctl", "show", "--property=ActiveState", name])).includes("=deactivating"),
      { what: `systemd to end ${name}`, intervalMs: 100, ...options },
    ),
    tooLate(manager, name, options.timeoutMs),
  );
}

function tooLate(manager: Manager, name: string, timeoutMs: number): (cause: TimeoutError) => UserError {
  return (cause) =>
    new UserError(`${manager} did not stop ${name} within ${formatDuration(timeoutMs)}`, {
      code: "stop-timeout",
      hint: "Wait longer with --timeout.",
      cause,
    });
}

/** Runs a command of a manager and returns what it prints. */
export function askManager(signal: AbortSignal): (words: readonly string[]) => Promise<string> {
  return async ([tool = "", ...args]) =>
    (await run(findExecutable(tool) ?? tool, args, { timeoutMs: hangMs, signal })).stdout;
}

/** From the text of /proc/PID/cgroup: the unit whose group this is, if it is a service. */
export function systemdUnit(cgroups: string): string | undefined {
  const path = /^(?:\d+:name=systemd|0:):?(\/.*)$/m.exec(cgroups)?.[1];
  const unit = basename(path ?? "");
  return unit.endsWith(".service") ? unit : undefined;
}

/** From the argument list of a process's parent: the service that it supervises. Names of runit and s6 are directories. */
export function supervisedBy(parent: readonly string[]): ManagedService | undefined {
  const [program = "", name] = parent;
  if (name === undefined || name.startsWith("-")) return undefined;
  const manager = supervisors[basename(program)];
  return manager === undefined ? undefined : { manager, name };
}

const supervisors: Readonly<Partial<Record<string, Manager>>> = {
  "supervise-daemon": "OpenRC",
  runsv: "runit",
  "s6-supervise": "s6",
};

async function systemdServiceOf(
  { pid }: ProcessId,
  signal: AbortSignal,
): Promise<ManagedService | undefined> {
  if ((await statIfExists("/run/systemd/system")) === undefined) return undefined;
  const name = systemdUnit((await readFileIfExists(`/proc/${pid}/cgroup`)) ?? "");
  const systemctl = findExecutable("systemctl");
  if (name === undefined || systemctl === undefined) return undefined;
  // A shell without a session of its own runs in the group of sshd.service: that one must not be stopped.
  const { stdout } = await run(systemctl, ["show", "--property=MainPID", name], {
    timeoutMs: hangMs,
    signal,
  });
  return stdout.trim() === `MainPID=${pid}` ? { manager: "systemd", name } : undefined;
}

async function supervisedServiceOf({ pid }: ProcessId): Promise<ManagedService | undefined> {
  const parent = (await processInfo(pid))?.ppid;
  if (parent === undefined) return undefined;
  const found = supervisedBy(await processArguments(parent));
  if (found === undefined) return undefined;
  // runsv and s6-supervise name the directory as it is called in the one that is scanned, which they were started in.
  const directory = found.manager === "OpenRC" ? undefined : await currentDirectory(parent);
  const service = directory === undefined ? found : { ...found, name: directory };
  return findExecutable(stopCommand[service.manager](service.name, 0)[0] ?? "") === undefined
    ? undefined
    : service;
}

/** Supervisors work in the directory of their service. */
async function currentDirectory(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
