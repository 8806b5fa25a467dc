// Everything that a k0s of this data directory has started and that still runs, whatever its parent is now: for
// a start after a kill and for `reset`. Containers' own processes do not carry the mark, their shims do.

import { readlink } from "node:fs/promises";
import { endProcess, listProcesses, processEnvironment, processExecutable } from "../os/processes.ts";
import type { ProcessInfo } from "../os/processes.ts";
import { errno } from "../std/errors.ts";
import { managedVariable } from "./environment.ts";

/**
 * Known by our mark and as a program that lies in `binDir`, which is a real path; never those of another pid namespace,
 * such as a sandbox's.
 */
export async function findManagedProcesses(binDir: string): Promise<readonly ProcessInfo[]> {
  return (await findMarkedProcesses(binDir)).filter(({ own }) => own);
}

/**
 * All that carry our mark. Without `own` they are what our programs have started and k0s has not: rpc.statd
 * and FUSE daemons of a pod's mounts, flexvolume drivers. They must survive a start of k0s, as the pods do.
 */
export async function findMarkedProcesses(
  binDir: string,
): Promise<readonly (ProcessInfo & { readonly own: boolean })[]> {
  const here = await pidNamespace("self");
  const found: (ProcessInfo & { readonly own: boolean })[] = [];
  for (const info of await listProcesses()) {
    if (info.pid === process.pid || info.state === "Z") continue;
    const env = await processEnvironment(info.pid);
    if (env.get(managedVariable) !== "yes" || here === undefined) continue;
    if ((await pidNamespace(String(info.pid))) !== here) continue;
    const own = (await processExecutable(info.pid))?.startsWith(`${binDir}/`) === true;
    if (own || `${env.get("PATH") ?? ""}:`.startsWith(`${binDir}:`)) found.push({ ...info, own });
  }
  return found;
}

/** Shims belong to running pods, which outlive k0s and are taken over by the next containerd. */
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

async function pidNamespace(pid: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/ns/pid`);
  } catch (err) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errno(err) ?? "")) return undefined;
    throw err;
  }
}
