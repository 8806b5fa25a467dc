// A process that does not end though it was killed: the kernel does not end uninterruptible sleep, such as that of a thread
// that waits for a dead disk or file server. All that k0s can do is say what it waits for.

import { readdir } from "node:fs/promises";
import { formatDuration } from "../std/duration.ts";
import { UserError } from "../std/errors.ts";
import { readFileIfExists } from "./files.ts";

export interface SleepingThread {
  readonly comm: string;
  /** `D`, `Z`, … */
  readonly state: string;
  /** The kernel's function in which it waits; absent where the kernel does not tell. */
  readonly wchan?: string;
}

/** `waitedMs`: for how long it has been there since SIGKILL, if that is known. */
export async function unendingProcess(name: string, pid: number, waitedMs?: number): Promise<UserError> {
  const why = sleepText(await threadsOf(pid));
  const since =
    waitedMs === undefined ? "" : ` ${formatDuration(Math.round(waitedMs / 1000) * 1000)} after SIGKILL`;
  return new UserError(`${name} (pid ${pid}) has not ended${since}: ${why}`, {
    code: "process-does-not-end",
    hint: "Only what it waits for can end that: look at dmesg, at the disks and at network file systems; else restart the host. k0s does not start beside it.",
  });
}

/** Of the threads the one that holds up the rest: the first of a process that ends looks like a zombie until the last is gone. */
export function sleepText(threads: readonly SleepingThread[]): string {
  const stuck = threads.find(({ state }) => state === "D") ?? threads[0];
  if (stuck === undefined) return "it is going just now";
  const where = stuck.wchan === undefined ? "" : `, in ${stuck.wchan}`;
  return stuck.state === "D"
    ? `it waits in the kernel and cannot be interrupted (state D${where})`
    : `its state is ${stuck.state}${where}`;
}

/** None when it is gone. */
async function threadsOf(pid: number): Promise<SleepingThread[]> {
  const found: SleepingThread[] = [];
  for (const tid of await threadIds(pid)) {
    const [stat, wchan] = await Promise.all([tidFile(pid, tid, "stat"), tidFile(pid, tid, "wchan")]);
    const [, comm, state] = /^\d+ \((.*)\) (\w)/s.exec(stat ?? "") ?? [];
    if (comm === undefined || state === undefined) continue;
    found.push({ comm, state, ...(wchan === undefined || /^0?$/.test(wchan) ? {} : { wchan }) });
  }
  return found;
}

async function threadIds(pid: number): Promise<readonly string[]> {
  try {
    return await readdir(`/proc/${pid}/task`);
  } catch {
    // It has gone, or is going.
    return [];
  }
}

async function tidFile(pid: number, tid: string, name: string): Promise<string | undefined> {
  try {
    return (await readFileIfExists(`/proc/${pid}/task/${tid}/${name}`))?.trim();
  } catch {
    // A thread that goes while it is read, or a kernel that shows nobody where threads wait.
    return undefined;
  }
}
