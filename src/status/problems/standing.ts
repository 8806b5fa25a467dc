// For how long things have been as they are: it is told repeatedly what is the case, and remembers since when.

export interface StandingClock {
  /** Everything that is the case now; what is left out is over. */
  see(keys: readonly string[]): void;
  /** Milliseconds since `key` was first seen without a break; 0 when it is not the case. */
  readonly since: (key: string) => number;
}

/** `now` gives milliseconds of a clock that does not jump. */
export function standingClock(now: () => number = () => performance.now()): StandingClock {
  let seen = new Map<string, number>();
  return {
    see(keys) {
      const at = now();
      seen = new Map(keys.map((key) => [key, seen.get(key) ?? at]));
    },
    since(key) {
      const at = seen.get(key);
      return at === undefined ? 0 : now() - at;
    },
  };
}
