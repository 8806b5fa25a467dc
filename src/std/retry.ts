// Repeats what may fail for a while, with the pauses of backoff.ts.

import { type BackoffRules, createBackoff } from "./backoff.ts";
import type { Logger } from "./log.ts";
import { troubleLog } from "./trouble-log.ts";
import { sleep } from "./wait.ts";

export interface RetryOptions {
  /** What is tried, for the log. */
  readonly what: string;
  /** Attempts in total; unlimited by default. */
  readonly attempts?: number;
  readonly backoff?: BackoffRules;
  readonly signal?: AbortSignal;
  readonly log?: Logger;
  /** An error for which it returns false is thrown at once; by default every error is retried. */
  readonly retryIf?: (err: unknown) => boolean;
}

const defaultBackoff: BackoffRules = { firstMs: 500, longestMs: 10_000 };
/** Fewer failures in a row are not worth telling: they are what trying again is for. */
const quietFailures = 5;

/** The first result of `work` that is not an error; rejects with the last error, or with the signal's reason. */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { what, attempts = Number.POSITIVE_INFINITY, signal, log, retryIf = () => true } = options;
  const backoff = createBackoff(options.backoff ?? defaultBackoff);
  const troubles =
    log === undefined
      ? undefined
      : troubleLog({
          log: log.with({ what }),
          failing: "An attempt failed and is repeated",
          recovered: "An attempt has worked in the end",
          quietFailures,
        });
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      const result = await work(attempt);
      troubles?.worked();
      return result;
    } catch (err) {
      signal?.throwIfAborted();
      if (attempt >= attempts || !retryIf(err)) throw err;
      const delayMs = backoff.failed({ err });
      troubles?.failed(err, { delayMs: Math.round(delayMs) });
      await sleep(delayMs, signal);
    }
  }
}
