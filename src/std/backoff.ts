// How long to wait after a failure, in one place for everything that tries again: doubling, with jitter, so that a thousand
// nodes that failed together do not come back together; the server's own word (Retry-After) goes before it. docs/adr/0051.

export interface BackoffRules {
  /** Longest wait after the first failure, in milliseconds; doubles with each further one. */
  readonly firstMs: number;
  /** No wait of our own is longer. */
  readonly longestMs: number;
  /** Work that lived this long before it failed forgives the failures before it. Default: only success does. */
  readonly stableMs?: number;
  /** The first failure in a row costs no wait; the doubling begins with the second. */
  readonly firstAtOnce?: boolean;
}

export interface Failure {
  /** How long the work had gone well before it failed, in milliseconds; default 0. */
  readonly livedMs?: number;
  /** The error, which may say when to come back. */
  readonly err?: unknown;
}

export interface Backoff {
  /** Failures in a row. */
  readonly failures: number;
  /** Takes note of a failure; returns the milliseconds to wait before the next try. */
  failed(failure?: Failure): number;
  /** Forgets all failures. */
  worked(): void;
}

/** A server may send us away for longer than our own longest wait, but not for good. */
const longestRetryAfterMs = 120_000;

export function createBackoff(rules: BackoffRules, random: () => number = Math.random): Backoff {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    failed({ livedMs = 0, err } = {}) {
      failures = livedMs >= (rules.stableMs ?? Number.POSITIVE_INFINITY) ? 1 : failures + 1;
      const counted = rules.firstAtOnce === true ? failures - 1 : failures;
      return counted === 0 ? 0 : backoffDelay(counted, rules, { random, retryAfterMs: retryAfterOf(err) });
    },
    worked() {
      failures = 0;
    },
  };
}

/**
 * Milliseconds to wait after the n-th failure in a row (from 1). Between half of the doubled delay and all of it; with
 * `retryAfterMs` never less than what was asked for, and up to a quarter more.
 */
export function backoffDelay(
  failures: number,
  rules: Pick<BackoffRules, "firstMs" | "longestMs">,
  options: { readonly random?: () => number; readonly retryAfterMs?: number | undefined } = {},
): number {
  const { random = Math.random, retryAfterMs } = options;
  // 2 ** 1024 is infinite; long before that the longest wait is reached.
  const doubled = Math.min(rules.firstMs * 2 ** Math.min(failures - 1, 40), rules.longestMs);
  const own = doubled * (0.5 + random() / 2);
  if (retryAfterMs === undefined) return own;
  return Math.max(own, Math.min(retryAfterMs, longestRetryAfterMs) * (1 + random() / 4));
}

/** When an error says to come back, in milliseconds: `retryAfterMs` on it or on what caused it. */
export function retryAfterOf(err: unknown): number | undefined {
  if (!(err instanceof Error)) return undefined;
  if ("retryAfterMs" in err && typeof err.retryAfterMs === "number" && err.retryAfterMs >= 0)
    return err.retryAfterMs;
  return err.cause === err ? undefined : retryAfterOf(err.cause);
}
