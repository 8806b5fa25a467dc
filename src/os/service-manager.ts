// Which service of the host's service manager a process is, so that it can be stopped there: a manager that is told to
// keep a service running starts it again after a mere signal.

import { basename } from "node:path";
import { UserError } from "../std/errors.ts";
import { run } from "./exec.ts";
import { readFileIfExists, statIfExists } from "./files.ts";
import { findExecutable } from "./find-executable.ts";
import { processArguments, processInfo, type ProcessId } from "./processes.ts";

export interface ManagedService {
  readonly manager: "systemd" | "OpenRC";
  readonly name: string;
}

/** Undefined for a process that no manager would start again: from a shell, or below another service's main process. */
export async function serviceOf(id: ProcessId, signal: AbortSignal): Promise<ManagedService | undefined> {
  return (await systemdServiceOf(id, signal)) ?? (await openRcServiceOf(id));
}

/**
 * Asks the manager to stop the service. systemd only takes note of it; rc-service returns when the process has ended.
 * Throws a UserError with the manager's own words when it refuses.
 */
export async function stopService(
  { manager, name }: ManagedService,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const command =
    manager === "systemd" ? ["systemctl", "stop", "--no-block", name] : ["rc-service", name, "stop"];
  const [tool = "", ...args] = command;
  const { code, stdout, stderr } = await run(findExecutable(tool) ?? tool, args, options);
  if (code === 0) return;
  const why = `${stderr}\n${stdout}`.trim().split("\n").at(0) ?? "";
  throw new UserError(`${manager} did not stop ${name}${why === "" ? "" : `: ${why}`}`, {
    code: "service-not-stopped",
    hint: `Run \`${command.join(" ")}\` to see why.`,
  });
}

/** From the text of /proc/PID/cgroup: the unit whose group this is, if it is a service. */
export function systemdUnit(cgroups: string): string | undefined {
  const path = /^(?:\d+:name=systemd|0:):?(\/.*)$/m.exec(cgroups)?.[1];
  const unit = basename(path ?? "");
  return unit.endsWith(".service") ? unit : undefined;
}

/** From the argument list of a process's parent: the service that it supervises. */
export function supervisedByOpenRc(parent: readonly string[]): string | undefined {
  const [program = "", name] = parent;
  if (basename(program) !== "supervise-daemon" || name === undefined || name.startsWith("-"))
    return undefined;
  return name;
}

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
    timeoutMs: 30_000,
    signal,
  });
  return stdout.trim() === `MainPID=${pid}` ? { manager: "systemd", name } : undefined;
}

async function openRcServiceOf({ pid }: ProcessId): Promise<ManagedService | undefined> {
  const parent = (await processInfo(pid))?.ppid;
  const name = parent === undefined ? undefined : supervisedByOpenRc(await processArguments(parent));
  return name === undefined || findExecutable("rc-service") === undefined
    ? undefined
    : { manager: "OpenRC", name };
}
