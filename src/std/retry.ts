// Repeats what may fail for a while, with growing pauses and jitter.

import pRetry from "p-retry";
import type { Logger } from "./log.ts";

export interface RetryOptions {
  /** What is tried, for the log. */
  readonly what: string;
  /** Attempts in all; default without end. */
  readonly attempts?: number;
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  readonly signal?: AbortSignal;
  readonly log?: Logger;
  /** Errors for which it says false are thrown at once; by default every error is retried. */
  readonly retryIf?: (err: unknown) => boolean;
}

/** The first result of `work` that is not an error; rejects with the last error, or with the signal's reason. */
export function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { what, attempts, minDelayMs = 500, maxDelayMs = 10_000, signal, log, retryIf } = options;
  // p-retry gives up on TypeErrors without asking; they are hidden from it, since fetch reports broken connections so.
  return pRetry(
    async (attempt) => {
      try {
        return { value: await work(attempt) };
      } catch (err) {
        throw new AttemptError(err);
      }
    },
    {
      retries: attempts === undefined ? Number.POSITIVE_INFINITY : attempts - 1,
      minTimeout: Math.min(minDelayMs, maxDelayMs),
      maxTimeout: maxDelayMs,
      factor: 2,
      randomize: true,
      ...(signal === undefined ? {} : { signal }),
      shouldRetry: ({ error }) => retryIf === undefined || retryIf(unwrap(error)),
      onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
        if (retriesLeft > 0)
          log?.debug("Attempt failed, will retry", { what, attempt: attemptNumber, err: unwrap(error) });
      },
    },
  ).then(
    ({ value }) => value,
    (err: unknown) => {
      throw unwrap(err);
    },
  );
}

class AttemptError extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("attempt failed", { cause: reason });
    this.reason = reason;
  }
}

function unwrap(err: unknown): unknown {
  return err instanceof AttemptError ? err.reason : err;
}
