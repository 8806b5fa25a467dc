// One piece of measuring, whose failure is told and costs only figures that it does not have yet.

import { errorMessage } from "../src/std/errors.ts";
import type { Figures, TakeOptions } from "./row.ts";

/** A run that takes longer has failed: none of them needs half of it, even on a busy machine. */
const limitMs = 15 * 60_000;

export async function runOnce(
  title: string,
  work: (options: TakeOptions) => Promise<void>,
  options: Omit<TakeOptions, "report">,
): Promise<Figures> {
  const figures = new Map<string, number>();
  const report = (id: string, value: number): void => {
    if (Number.isNaN(value)) console.error(`bench: ${id} came without a figure`);
    else if (options.wanted.has(id)) figures.set(id, value);
  };
  const started = performance.now();
  console.error(title);
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(limitMs)]);
  await work({ ...options, report, signal }).catch((err: unknown) => {
    console.error(`${title} failed: ${errorMessage(err)}`);
  });
  console.error(`${title} took ${((performance.now() - started) / 60_000).toFixed(1)} min`);
  return figures;
}
