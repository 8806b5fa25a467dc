// Follows a starting node until its cluster is usable, and says what is being waited for: on the terminal, and in the log
// less and less often. What is looked at is in memory (status/observers/cluster.ts): waiting costs the API server nothing.

import type { Logger } from "../../std/log.ts";
import type { Progress } from "../../std/progress.ts";
import { sleep } from "../../std/wait.ts";
import type { Readiness } from "../../status/health/cluster-readiness.ts";
import { namedFirst } from "../../std/named-first.ts";

export interface WaitReadyOptions {
  readonly nodeName: string;
  /** Undefined until the API has been read. */
  readonly readiness: () => Readiness | undefined;
  /** What is wrong meanwhile, in sentences; the first is the reason that is told. */
  readonly problems: () => readonly string[];
  readonly progress: Progress;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const intervalMs = 250;
/** When the log says for the first time what is waited for; it does so again after twice the time, and so on. */
const firstWordMs = 15_000;
const longestSilenceMs = 600_000;

/** Resolves when the node and the system pods are ready. Waits until then, however long: the signal ends it. */
export async function waitClusterReady(options: WaitReadyOptions): Promise<void> {
  await waitNodeReady(options);
  const step = options.progress.step("cluster DNS, network, metrics ready");
  const { readyPods } = await waitUntil(options, ({ ready }) => ready);
  step.done(`${readyPods} pods`);
}

/** Resolves when kubelet has registered the node and it is Ready. */
export async function waitNodeReady(options: WaitReadyOptions): Promise<void> {
  const step = options.progress.step(`node ${options.nodeName} Ready`);
  await waitUntil(options, ({ nodeReady }) => nodeReady);
  step.done();
}

async function waitUntil(
  { readiness, problems, progress, log, signal }: WaitReadyOptions,
  enough: (now: Readiness) => boolean,
): Promise<Readiness> {
  let silenceMs = firstWordMs;
  let wordDue = performance.now() + silenceMs;
  let said = "";
  const say = (text: string): void => {
    if (text !== said) progress.wait(text);
    said = text;
  };
  for (;;) {
    const now = readiness();
    if (now !== undefined && enough(now)) {
      say("");
      return now;
    }
    const text = waitText(now, problems());
    say(text);
    if (performance.now() >= wordDue) {
      log.info("Waiting for the cluster", { for: text });
      silenceMs = Math.min(silenceMs * 2, longestSilenceMs);
      wordDue = performance.now() + silenceMs;
    }
    await sleep(intervalMs, signal);
  }
}

/** The reason, where there is one, and else what is missing. */
export function waitText(now: Readiness | undefined, problems: readonly string[]): string {
  const missing = now === undefined ? "the API server" : namedFirst(now.waitingFor, 3);
  const [reason] = problems;
  return reason === undefined ? missing : `${missing}: ${reason}`;
}
