// Tries until it works: what may heal by itself or by a person's hand is reported and tried again, the rest is thrown.

import { UserError } from "../std/errors.ts";
import { sleep } from "../std/wait.ts";
import type { TroubleReporter } from "./trouble-reporter.ts";

export interface KeepTryingOptions {
  readonly signal: AbortSignal;
  readonly troubles: TroubleReporter;
  /** What is wrong; throws what trying again cannot mend. */
  readonly explain: (err: unknown) => Promise<UserError> | UserError;
  /** Stop trying and return undefined after this time. */
  readonly giveUpMs?: number;
}

const pauseMs = { first: 500, longest: 5_000 };

export async function keepTrying<T>(
  work: () => Promise<T>,
  options: KeepTryingOptions,
): Promise<T | undefined> {
  const { signal, troubles, explain, giveUpMs = Number.POSITIVE_INFINITY } = options;
  const until = performance.now() + giveUpMs;
  for (let failures = 0; ; failures++) {
    try {
      const result = await work();
      troubles.clear();
      return result;
    } catch (err) {
      signal.throwIfAborted();
      troubles.report(await explain(err));
    }
    const delay = Math.min(pauseMs.first * 2 ** failures, pauseMs.longest);
    if (performance.now() + delay > until) return undefined;
    await sleep(delay, signal);
  }
}

/** For work whose other errors are bugs. */
export function onlyUserErrors(err: unknown): UserError {
  if (err instanceof UserError) return err;
  throw err;
}
