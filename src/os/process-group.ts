// What a process that is gone has left in its group. The number of a group is not used again as long as a process is in
// it; afterwards it is, so that a blind signal may end a stranger.

import { listProcesses, type ProcessInfo, signalProcess } from "./processes.ts";

const longestRounds = 5;

/** Kills all that is left in the group of a session leader that has ended and was waited for. */
export async function endGroupRemains(group: number): Promise<void> {
  // A process that forks meanwhile is found in the next round.
  for (let round = 0; round < longestRounds; round++) {
    const remains = groupRemains(group, await listProcesses());
    if (remains.length === 0) return;
    await Promise.all(remains.map((member) => signalProcess(member, "SIGKILL")));
  }
}

/** Nothing if the number belongs to another process by now: then the group was empty before. */
export function groupRemains(group: number, all: readonly ProcessInfo[]): readonly ProcessInfo[] {
  if (all.some(({ pid }) => pid === group)) return [];
  return all.filter(({ pgid, session, state }) => pgid === group && session === group && state !== "Z");
}
