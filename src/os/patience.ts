// Waiting for something that should be over soon, but not for ever.

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
