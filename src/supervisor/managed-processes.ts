// Everything that a k0s of this data directory has started and that still runs, whoever its parent is now: for
// a start after a kill and for `reset`. Containers' own processes do not carry the mark, their shims do.

import { readlink } from "node:fs/promises";
import { endProcess, listProcesses, processEnvironment, processExecutable } from "../os/processes.ts";
import type { ProcessInfo } from "../os/processes.ts";
import { errno } from "../std/errors.ts";
import { managedVariable } from "./environment.ts";

/**
 * Known by our mark and by `binDir` in front of PATH, or as a program that lies there (containerd puts a directory of its
 * own before it for the shims); never those of another pid namespace, such as a sandbox's.
 */
export async function findManagedProcesses(binDir: string): Promise<readonly ProcessInfo[]> {
  const here = await pidNamespace("self");
  const found: ProcessInfo[] = [];
  for (const info of await listProcesses()) {
    if (info.pid === process.pid || info.state === "Z") continue;
    if (await isManaged(info.pid, binDir, here)) found.push(info);
  }
  return found;
}

/** Shims belong to running pods, which outlive k0s and are taken over by the next containerd (reference §6.5.6). */
export function isShim({ comm }: Pick<ProcessInfo, "comm">): boolean {
  return comm.startsWith("containerd-shim");
}

/** SIGTERM, patience, SIGKILL to all but the shims at once; returns those that were ended. */
export async function endManagedProcesses(
  binDir: string,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<readonly ProcessInfo[]> {
  const found = (await findManagedProcesses(binDir)).filter((info) => !isShim(info));
  await Promise.all(found.map((info) => endProcess(info, options)));
  return found;
}

async function isManaged(pid: number, binDir: string, namespace: string | undefined): Promise<boolean> {
  const env = await processEnvironment(pid);
  if (env.get(managedVariable) !== "yes") return false;
  const first = `${env.get("PATH") ?? ""}:`.startsWith(`${binDir}:`);
  if (!first && (await processExecutable(pid))?.startsWith(`${binDir}/`) !== true) return false;
  return namespace !== undefined && (await pidNamespace(String(pid))) === namespace;
}

async function pidNamespace(pid: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/ns/pid`);
  } catch (err) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}
