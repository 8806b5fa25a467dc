// Work on many things, a few at once.

/**
 * The results in the order of the items. The first failure aborts the others, and is thrown when all of them have ended.
 */
export async function workInParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const results: R[] = [];
  let failure: { readonly err: unknown } | undefined;
  const queue = items.entries();
  const drain = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (either.aborted) return;
      try {
        results[index] = await work(item, either);
      } catch (err) {
        failure ??= { err };
        failed.abort(err);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, drain));
  signal.throwIfAborted();
  if (failure !== undefined) throw failure.err;
  return results;
}
