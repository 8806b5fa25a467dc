// Which failed requests are worth repeating, and when: the server's own word first, then exponential with jitter.

import { backoffDelay } from "../std/backoff.ts";
import { KubeConnectionError, KubeError } from "./errors.ts";

const rules = { firstMs: 100, longestMs: 2_000 };
/** For a longer pause the caller gets the error, which says so, instead of a request that hangs. */
const longestRetryAfterMs = 10_000;

/** Milliseconds to wait before the next try, or undefined when repeating is useless, not safe or not wanted for long. */
export function retryDelay(
  err: unknown,
  method: string,
  attempt: number,
  random: () => number = Math.random,
): number | undefined {
  // A lost connection leaves open whether the server acted; creating twice is worse than failing once.
  if (err instanceof KubeConnectionError)
    return method === "POST" ? undefined : backoffDelay(attempt + 1, rules, { random });
  if (!(err instanceof KubeError)) return undefined;
  const { retryAfterMs, status } = err;
  // 429 and 503 say that nothing was done. 500 with Retry-After is how admission reports a passing failure.
  const passing = status === 429 || status === 503 || (status >= 500 && retryAfterMs !== undefined);
  if (!passing || (retryAfterMs ?? 0) > longestRetryAfterMs) return undefined;
  return backoffDelay(attempt + 1, rules, { random, retryAfterMs });
}
