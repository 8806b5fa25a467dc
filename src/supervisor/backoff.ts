// When a process that ended is started again: at once the first time, then 200 ms doubling up to 5 s. A process that
// ran for ten seconds counts as healthy again. Upstream waits 5 s every time (reference §6.1), which costs more than
// the whole start of an API server.

export interface BackoffRules {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Having run this long forgives all earlier failures. */
  readonly stableMs: number;
}

export const defaultBackoff: BackoffRules = { firstMs: 200, maxMs: 5_000, stableMs: 10_000 };

/** The number of failures in a row after a run of `ranMs`, and how long to wait before the next start. */
export function nextBackoff(
  failures: number,
  ranMs: number,
  rules: BackoffRules = defaultBackoff,
): { failures: number; delayMs: number } {
  const before = ranMs >= rules.stableMs ? 0 : failures;
  const delayMs = before === 0 ? 0 : Math.min(rules.firstMs * 2 ** Math.min(before - 1, 30), rules.maxMs);
  return { failures: before + 1, delayMs };
}
