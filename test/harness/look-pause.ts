// How long a test pauses between two looks at what it waits for.

/**
 * A tenth of the time that it has waited already, between `firstMs` and a second: each look is a program that starts, or a
 * request that is answered, beside what is waited for, and many files of tests wait at once.
 */
export const lookPause =
  (firstMs: number) =>
  (waitedMs: number): number =>
    Math.max(firstMs, Math.min(waitedMs / 10, 1_000));
