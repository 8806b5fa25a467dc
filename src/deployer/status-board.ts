// Keeps how all stacks of the leader are, and writes it down for others: a little after it changes, and never when it does
// not. docs/adr/0070.

import type { KubeClient } from "../kube/client.ts";
import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import { sleep } from "../std/wait.ts";
import type { TaskPart } from "../supervisor/task.ts";
import { nextStatus, unmanagedStatus } from "./stack-status.ts";
import type { PassReport, StackStatus, StatusContext } from "./stack-status.ts";
import { readStatusData, statusData, statusesOf, writeStatusData } from "./status-object.ts";
import type { StatusData } from "./status-object.ts";
import { secondsTimestamp } from "../std/timestamp.ts";

export interface StatusBoard extends TaskPart {
  /** A pass of the stack is over. */
  report(stack: string, report: PassReport): void;
  /** There is neither a folder nor an object of it. */
  drop(stack: string): void;
  /**
   * These are the stacks of this controller. `counts`: how many objects of each stack there are, when all kinds have been
   * looked at.
   */
  retain(stacks: ReadonlySet<string>, counts: ReadonlyMap<string, number> | undefined): void;
}

export interface StatusBoardOptions {
  readonly client: KubeClient;
  readonly controller: string;
  readonly log: Logger;
  /** From a change to its write, in milliseconds: stacks change together. */
  readonly quietMs: number;
}

export function createStatusBoard({ client, controller, log, quietMs }: StatusBoardOptions): StatusBoard {
  const statuses = new Map<string, StackStatus>();
  /** What is known to be written; undefined before anything is known. */
  let written: StatusData | undefined;
  /** Somebody may have changed or deleted it. */
  let doubted = true;

  const context = (): StatusContext => ({ controller, at: secondsTimestamp(new Date()) });

  const lookAgain = async (signal: AbortSignal): Promise<void> => {
    const found = (await readStatusData(client, signal)) ?? {};
    if (written === undefined) {
      for (const [stack, before] of statusesOf(found))
        statuses.set(stack, continued(before, statuses.get(stack)));
      written = found;
    } else if (Object.entries(written).some(([stack, text]) => found[stack] !== text)) written = found;
    doubted = false;
  };

  const loop = createLoop({
    name: "status of stacks",
    log,
    quietFailures: 2,
    async round(signal) {
      if (doubted) await lookAgain(signal);
      await sleep(quietMs, signal);
      const data = statusData(statuses);
      if (written !== undefined && isSame(written, data)) return;
      await writeStatusData(client, data, signal);
      written = data;
    },
  });

  const set = (stack: string, status: StackStatus | undefined): void => {
    if (JSON.stringify(statuses.get(stack)) === JSON.stringify(status)) return;
    if (status === undefined) statuses.delete(stack);
    else statuses.set(stack, status);
    loop.ring();
  };

  return {
    report: (stack, report) => set(stack, nextStatus(statuses.get(stack), report, context())),
    drop: (stack) => set(stack, undefined),
    retain(stacks, counts) {
      for (const stack of new Set([...statuses.keys(), ...(counts?.keys() ?? [])])) {
        if (stacks.has(stack)) continue;
        const before = statuses.get(stack);
        const count = counts === undefined ? before?.objects : counts.get(stack);
        set(stack, count === undefined ? undefined : unmanagedStatus(before, count, context()));
      }
      if (counts === undefined) return;
      doubted = true;
      loop.ring();
    },
    run: (signal) => loop.run(signal),
    health: () => loop.health(),
  };
}

/** A phase that goes on keeps its beginning, also under another leader. */
function continued(before: StackStatus, now: StackStatus | undefined): StackStatus {
  if (now === undefined) return before;
  return now.phase === before.phase ? { ...before, ...now, since: before.since } : now;
}

function isSame(a: StatusData, b: StatusData): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
