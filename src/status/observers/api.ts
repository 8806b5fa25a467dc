// Whether the API server answers this node, asked every few seconds with the node's own credentials, so that the status
// need not ask. Also tells how far the two clocks are apart.

import { aheadOf } from "../../kube/clock-check.ts";
import type { KubeClient } from "../../kube/client.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import { unlessAborted } from "../../std/wait.ts";

/** This node does not ask yet: no answer is nobody's fault. */
export class NoCredentialsYet extends Error {
  override readonly name = "NoCredentialsYet";
}

export interface ApiProbeOptions {
  /** Rejects with NoCredentialsYet before this node has joined its cluster. */
  readonly client: () => Promise<Pick<KubeClient, "raw">>;
  /** How long ago something else of this node has had an answer: while it is a moment only, nobody asks. */
  readonly sinceAnswerMs?: () => number;
  readonly log: Logger;
  /** Of one question; default 3 s. */
  readonly limitMs?: number;
}

export interface ApiProbe {
  run(signal: AbortSignal): Promise<void>;
  /** Why it does not answer; null when it does, undefined before the first answer. */
  failure(): string | null | undefined;
  /** Throws when nobody asks any more: then `failure` is out of date. */
  health(): void;
  /** How far this host's clock is ahead; undefined until it has answered. */
  clockAheadMs(): number | undefined;
}

const everyMs = 5_000;

export function apiProbe(options: ApiProbeOptions): ApiProbe {
  const { client, log, limitMs = 3_000, sinceAnswerMs = () => Number.POSITIVE_INFINITY } = options;
  let failures: readonly string[] = [];
  let asked = false;
  let aheadMs: number | undefined;

  const ask = async (signal: AbortSignal): Promise<void> => {
    const before = Date.now();
    const api = await unlessAborted(client(), signal);
    const answer = await api.raw("/version", { signal, retries: 0, timeoutMs: limitMs });
    await answer.body?.cancel();
    aheadMs = aheadOf(answer.headers.get("date"), (before + Date.now()) / 2);
  };

  const loop = createLoop({
    name: "probe of the API server",
    log,
    everyMs,
    limitMs,
    // The status tells of each failure.
    quietFailures: Number.POSITIVE_INFINITY,
    backoff: { firstMs: 500, longestMs: 2_000 },
    round: async (signal) => {
      try {
        const answered = sinceAnswerMs();
        if (answered >= everyMs) await ask(signal);
        failures = [];
        asked = true;
        return answered < everyMs ? everyMs - answered : everyMs;
      } catch (err) {
        if (!(err instanceof NoCredentialsYet)) failures = [...failures, errorMessage(err)].slice(-2);
        throw err;
      }
    },
  });

  return {
    run: (signal) => loop.run(signal),
    health: () => loop.health(),
    // Once is a busy host, or a server that starts again.
    failure: () => (failures.length === 2 ? failures[1] : asked ? null : failures[0]),
    clockAheadMs: () => aheadMs,
  };
}
