// Something that fails again and again and works in between: most looks find it well, and yet it is not. Remembers when
// it failed, and tells whether that was often. docs/adr/0045.

export interface FlapRules {
  /** This many failures within the window count as often. */
  readonly count: number;
  readonly windowMs: number;
  /** Without a failure for this long it is well, however often it failed before. */
  readonly calmMs: number;
}

/** With these, what fails every two minutes or more often never counts as well; one failure, or four, say nothing. */
const usualRules: FlapRules = { count: 5, windowMs: 600_000, calmMs: 120_000 };

export interface FlapHistory {
  /** It worked, and has failed at this moment: milliseconds of a clock that does not jump. */
  failed(now: number): void;
  /** `7 times in the last 3 minutes` while it is not to be trusted; undefined while it is. */
  often(now: number): string | undefined;
}

export function flapHistory(rules: FlapRules = usualRules): FlapHistory {
  let failures: readonly number[] = [];
  const recent = (now: number): readonly number[] => failures.filter((at) => now - at < rules.windowMs);
  return {
    failed(now) {
      failures = [...recent(now), now];
    },
    often(now) {
      const counted = recent(now);
      const [first, last] = [counted[0], counted.at(-1)];
      if (first === undefined || last === undefined || counted.length < rules.count) return undefined;
      if (now - last >= rules.calmMs) return undefined;
      const minutes = Math.max(1, Math.ceil((now - first) / 60_000));
      return `${counted.length} times in the last ${minutes === 1 ? "minute" : `${minutes} minutes`}`;
    },
  };
}
