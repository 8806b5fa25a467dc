// Waits until the nodes of a throw-away cluster say that they are well, and gives up with the reason when they will not be.

import { UserError } from "../std/errors.ts";
import type { Progress } from "../std/progress.ts";
import { sleep } from "../std/wait.ts";
import type { Machine } from "./machine.ts";
import { askNode } from "./node-status.ts";
import { createPatience, type NodeReport, whatIsMissing } from "./patience.ts";
import { hostSlowness } from "./slowness.ts";

export interface Waiting {
  readonly machines: readonly Machine[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const everyMs = 1_000;

/** Resolves when every node is healthy and sees its cluster ready. */
export async function awaitCluster({ machines, progress, signal }: Waiting): Promise<void> {
  const patience = createPatience();
  for (;;) {
    const { reports, slowness } = await ask(machines, signal);
    const missing = whatIsMissing(reports);
    progress.wait(missing[0] ?? "");
    if (missing.length === 0) return;
    giveUpIfLost(patience.lost(reports, slowness));
    await sleep(everyMs, signal);
  }
}

/** How often a starting node is asked: each question is a program that starts on the same host. */
const besideEveryMs = 3_000;

/** What `work` resolves to; rejects as soon as the node in the machine, which it waits for, will not get well. */
export async function unlessLost<T>(
  machine: Machine,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const watch = async (): Promise<never> => {
    const patience = createPatience();
    for (;;) {
      await sleep(besideEveryMs, both);
      const { reports, slowness } = await ask([machine], both);
      giveUpIfLost(patience.lost(reports, slowness));
    }
  };
  const watching = watch();
  // After the end of the work the result of the watch does not matter.
  watching.catch(() => undefined);
  try {
    return await Promise.race([work(both), watching]);
  } finally {
    over.abort(new Error("the wait is over"));
  }
}

async function ask(
  machines: readonly Machine[],
  signal: AbortSignal,
): Promise<{ readonly reports: readonly NodeReport[]; readonly slowness: number }> {
  const askedAt = performance.now();
  const reports = await Promise.all(
    machines.map(async (machine) => ({ machine: machine.name, status: await askNode(machine, signal) })),
  );
  return { reports, slowness: hostSlowness(performance.now() - askedAt) };
}

function giveUpIfLost(reason: string | undefined): void {
  if (reason === undefined) return;
  throw new UserError(`the cluster does not become ready:\n${reason}`, {
    code: "sandbox-not-ready",
    hint: "Create it with --keep to look at what is left: k0s sandbox exec NAME -- k0s status",
  });
}
