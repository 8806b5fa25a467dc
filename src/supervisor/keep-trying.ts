// Tries until it works: what may pass by itself or be put right by a person is reported and tried again, the rest is
// thrown.

import { createBackoff } from "../std/backoff.ts";
import { UserError } from "../std/errors.ts";
import { sleep } from "../std/wait.ts";
import type { Reason, Waiting } from "./waiting.ts";

export interface KeepTryingOptions {
  readonly signal: AbortSignal;
  readonly waiting: Pick<Waiting, "because" | "over">;
  /** What is wrong; throws what trying again cannot cure. */
  readonly explain: (err: unknown) => Promise<Reason> | Reason;
  /** Stop trying and return undefined after this time. */
  readonly giveUpMs?: number;
}

const rules = { firstMs: 1_000, longestMs: 10_000 };

export function keepTrying<T>(
  work: () => Promise<T>,
  options: KeepTryingOptions & { readonly giveUpMs?: never },
): Promise<T>;
export function keepTrying<T>(work: () => Promise<T>, options: KeepTryingOptions): Promise<T | undefined>;
export async function keepTrying<T>(
  work: () => Promise<T>,
  options: KeepTryingOptions,
): Promise<T | undefined> {
  const { signal, waiting, explain, giveUpMs = Number.POSITIVE_INFINITY } = options;
  const until = performance.now() + giveUpMs;
  const backoff = createBackoff(rules);
  for (;;) {
    let delay: number;
    try {
      const result = await work();
      waiting.over();
      return result;
    } catch (err) {
      signal.throwIfAborted();
      waiting.because(await explain(err));
      delay = backoff.failed({ err });
    }
    if (performance.now() + delay > until) return undefined;
    await sleep(delay, signal);
  }
}

/** For work whose other errors are bugs. */
export function onlyUserErrors(err: unknown): UserError {
  if (err instanceof UserError) return err;
  throw err;
}
