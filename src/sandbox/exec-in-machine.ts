// Runs a program in a machine with this process's own standard streams, and passes on signals and the exit code.

import { openSync } from "node:fs";
import { constants } from "node:os";
import { isRunning } from "../os/processes.ts";
import { UserError } from "../std/errors.ts";
import { cloneFs, type Libc, namespaceFlags, type NamespaceKind } from "./libc.ts";
import { hostHierarchies, joinGroups } from "./cgroups.ts";
import { type ExecTarget, execVariable } from "./machine-spec.ts";

const signalNumbers = new Map<NodeJS.Signals | number, number>(
  Object.entries(constants.signals) as [NodeJS.Signals, number][],
);
const forwarded = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;
/** The mount namespace last: the others are opened by paths of the host. */
const order: readonly NamespaceKind[] = ["cgroup", "ipc", "uts", "net", "pid", "mnt"];

export async function execInMachine(libc: Libc, argv: readonly string[]): Promise<number> {
  const { [execVariable]: encoded = "", ...env } = process.env;
  const target = JSON.parse(encoded) as ExecTarget;
  if (!(await isRunning(target))) throw new UserError("the machine is not running");
  joinGroups(hostHierarchies(), target.group);
  const namespaces = order.map((kind) => ({ kind, fd: openSync(`/proc/${target.pid}/ns/${kind}`, "r") }));
  const ownPids = openSync("/proc/self/ns/pid", "r");
  libc.unshare(cloneFs);
  for (const { kind, fd } of namespaces) libc.setns(fd, namespaceFlags[kind]);
  process.chdir(target.cwd);
  // PATH of the machine decides, so the search must happen here, after the change of the root.
  const child = startProgram(argv, env, target.detach);
  // A process whose children go elsewhere can start no threads, and our runtime starts some after a second.
  libc.setns(ownPids, namespaceFlags.pid);
  if (typeof child === "number") return child;
  if (target.detach) {
    process.stdout.write(`${child.pid}\n`);
    return 0;
  }
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  await child.exited;
  if (child.signalCode === null) return child.exitCode ?? 1;
  return 128 + (signalNumbers.get(child.signalCode) ?? 0);
}

/** A detached program writes to the log on descriptor 3 and its progress to 4; it is orphaned to the first process. */
function startProgram(argv: readonly string[], env: Record<string, string | undefined>, detached: boolean) {
  try {
    if (detached) return Bun.spawn([...argv], { stdio: ["ignore", 3, 4], env, detached });
    return Bun.spawn([...argv], { stdio: ["inherit", "inherit", "inherit"], env });
  } catch (err) {
    process.stderr.write(`${argv[0] ?? ""}: ${err instanceof Error ? err.message : String(err)}\n`);
    return 127;
  }
}
