// Waiting: for a time, for a condition; always ended by an AbortSignal.

import { errorMessage } from "./errors.ts";
import { formatDuration } from "./duration.ts";

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      if (signal !== undefined) reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

export interface PollOptions {
  /** What is waited for, for the error: `timed out after 30s waiting for <what>`. */
  readonly what: string;
  /** Between two calls; a function gets how long has been waited, in milliseconds. */
  readonly intervalMs: number | ((waitedMs: number) => number);
  /** Without it, waits until the signal aborts. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Errors that waiting cannot cure are thrown at once. All others count as "not yet". */
  readonly fatal?: (err: unknown) => boolean;
}

/**
 * Calls `probe` until it returns something truthy, and returns that. An error counts as "not yet"; the last one
 * becomes the cause of the time-out. The signal given to `probe` ends with the wait.
 */
export async function pollUntil<T>(
  probe: (signal: AbortSignal) => Promise<T> | T,
  options: PollOptions,
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const deadline = deadlineSignal(options);
  const { intervalMs } = options;
  const began = performance.now();
  let lastError: unknown;
  while (!deadline.aborted) {
    try {
      const value = await unlessAborted(probe(deadline), deadline);
      if (value) return value as Exclude<T, false | null | undefined | 0 | "">;
      lastError = undefined;
    } catch (err) {
      if (options.fatal?.(err) === true) throw err;
      if (!deadline.aborted) lastError = err;
    }
    await pause(
      typeof intervalMs === "number" ? intervalMs : intervalMs(performance.now() - began),
      deadline,
    );
  }
  if (options.signal?.aborted === true) throw abortReason(options.signal);
  throw timeoutError(options, lastError);
}

/** Thrown by pollUntil when its time is over. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Like `work`; what is thrown when its time is over is what `late` makes of that. */
export async function inTime<T>(work: Promise<T>, late: (err: TimeoutError) => Error): Promise<T> {
  try {
    return await work;
  } catch (err) {
    throw err instanceof TimeoutError ? late(err) : err;
  }
}

function timeoutError(options: PollOptions, lastError: unknown): TimeoutError {
  const after = options.timeoutMs === undefined ? "" : ` after ${formatDuration(options.timeoutMs)}`;
  const reason = lastError === undefined ? "" : `: ${errorMessage(lastError)}`;
  return new TimeoutError(`timed out${after} waiting for ${options.what}${reason}`, { cause: lastError });
}

function deadlineSignal({ signal, timeoutMs }: PollOptions): AbortSignal {
  const signals = signal === undefined ? [] : [signal];
  if (timeoutMs !== undefined) signals.push(AbortSignal.timeout(timeoutMs));
  const [first, second] = signals;
  if (first === undefined) return new AbortController().signal;
  return second === undefined ? first : AbortSignal.any(signals);
}

/** Like sleep, but an abort only ends it early. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", onAbort);
}

/** What `work` resolves to; rejects as soon as the signal aborts, even if `work` ignores it. */
export async function unlessAborted<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> {
  if (!(work instanceof Promise)) return work;
  if (signal.aborted) {
    work.catch(() => undefined);
    throw abortReason(signal);
  }
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortReason(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason });
}
