// Waiting for something that should be over soon, but not for ever.

/** For what a host's own programs do at once: only one that hangs takes so long, however slow the host is. */
export const hangMs = 300_000;

/** Resolves when `work` has settled or `ms` have passed; leaves no timer behind. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([promise, Promise.allSettled([work])]);
  } finally {
    clearTimeout(timer);
  }
}
