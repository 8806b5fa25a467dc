// What many times say together.

/** `p50` and `p99` of times, in their unit. */
export function quantiles(times: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (quantile: number): number => sorted[Math.floor(quantile * (sorted.length - 1))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Calls one after the other, each with its number; how long they took in milliseconds, by `<name> p50` and `<name> p99`. */
export async function timed(
  name: string,
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await call(index);
    times.push(performance.now() - started);
  }
  const { p50, p99 } = quantiles(times);
  return { [`${name} p50`]: p50, [`${name} p99`]: p99 };
}
