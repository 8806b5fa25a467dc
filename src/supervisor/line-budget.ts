// Keeps a component from flooding the log: when the API server is away, its clients print hundreds of lines a second
// that all mean the same.

export interface LineBudget {
  take(nowMs: number): LineVerdict;
}

export interface LineVerdict {
  /** Whether one more line may be logged now. */
  readonly allowed: boolean;
  /** How many were held back since the last one that was allowed; told with the first that is allowed again. */
  readonly heldBack: number;
  /** True for the first line that is held back. */
  readonly exhausted: boolean;
}

/** `burst` lines at once, then `perSecond`. */
export function lineBudget(burst = 10, perSecond = 0.5): LineBudget {
  let tokens = burst;
  let filledAt: number | undefined;
  let heldBack = 0;
  return {
    take(nowMs) {
      tokens = Math.min(burst, tokens + ((nowMs - (filledAt ?? nowMs)) / 1000) * perSecond);
      filledAt = nowMs;
      if (tokens < 1) {
        heldBack += 1;
        return { allowed: false, heldBack: 0, exhausted: heldBack === 1 };
      }
      tokens -= 1;
      const before = heldBack;
      heldBack = 0;
      return { allowed: true, heldBack: before, exhausted: false };
    },
  };
}
