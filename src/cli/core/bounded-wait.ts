// How long a command waits for an answer: not for ever, not silently, and not against the user's will.

import { formatDuration } from "../../std/duration.ts";
import { UserError } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";
import type { CliIo } from "./io.ts";

export interface BoundedWait {
  /** What is waited for: `the API server`. */
  readonly what: string;
  /** Milliseconds until the command gives up, whatever it repeats. */
  readonly totalMs?: number;
  /** Milliseconds until it says what it waits for. */
  readonly sayAfterMs?: number;
}

/**
 * Does `work`, which gets a signal that ends with the wait. Throws the reason of `io.signal` once that aborts, whatever
 * `work` makes of it, and a `UserError` (code `no-answer`) when the time is over.
 */
export async function boundedWait<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { what, totalMs = 30_000, sayAfterMs = 10_000 }: BoundedWait,
  io: Pick<CliIo, "err" | "signal">,
): Promise<T> {
  const timeout = AbortSignal.timeout(totalMs);
  const signal = AbortSignal.any([io.signal, timeout]);
  const say = setTimeout(
    () => io.err(`Still waiting for ${what}, for at most ${formatDuration(totalMs)} in all\n`),
    sayAfterMs,
  );
  try {
    return await unlessAborted(work(signal), signal);
  } catch (err) {
    io.signal.throwIfAborted();
    if (!timeout.aborted) throw err;
    throw new UserError(`${what} did not answer within ${formatDuration(totalMs)}`, {
      code: "no-answer",
      hint: "`k0s status` shows how it is. Try again once it is well.",
      cause: err,
    });
  } finally {
    clearTimeout(say);
  }
}
