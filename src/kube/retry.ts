// Which failed requests are worth repeating, and when: the server's own word first, then exponential with jitter.

import { KubeConnectionError, KubeError } from "./errors.ts";

const firstDelayMs = 100;
const longestDelayMs = 2_000;
const longestRetryAfterMs = 10_000;

/** Milliseconds to wait before the next try, or undefined when repeating is useless or not safe. */
export function retryDelay(
  err: unknown,
  method: string,
  attempt: number,
  random: () => number = Math.random,
): number | undefined {
  const backOff = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs) * (0.5 + random() / 2);
  // A lost connection leaves open whether the server acted; creating twice is worse than failing once.
  if (err instanceof KubeConnectionError) return method === "POST" ? undefined : backOff;
  if (!(err instanceof KubeError)) return undefined;
  // 429 and 503 say that nothing was done. 500 with Retry-After is how admission reports a passing failure.
  const asked = err.retryAfterMs;
  if (err.status === 429 || err.status === 503)
    return asked === undefined ? backOff : Math.min(asked, longestRetryAfterMs);
  if (err.status >= 500 && asked !== undefined) return Math.min(asked, longestRetryAfterMs);
  return undefined;
}
