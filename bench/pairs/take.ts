// Takes pairs: this build and another variant, each on machines of its own, in turns. Idle memory is taken of both at a time, and
// loads on clusters that stay.

import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/std/errors.ts";
import { sleep } from "../../src/std/wait.ts";
import { builtFile } from "../../test/harness/test-machine.ts";
import { chosenOf } from "../choice.ts";
import type { MeasureOptions, Outcome } from "../measure.ts";
import type { Row, Scenario, TakeOptions } from "../row.ts";
import { runOnce } from "../run-once.ts";
import type { Variant } from "../variant.ts";
import { orderOf, type PairResult, pairsOf, type Side, type Taken, takenOf, variantOf } from "./pairs.ts";
import { isLoad, takeLoads } from "./take-loads.ts";

export interface PairOptions extends MeasureOptions {
  readonly beside: Variant;
  /** Of the first of two that run at a time. */
  readonly headStartMs?: number;
}

export async function takePairs(options: PairOptions): Promise<Outcome<PairResult>> {
  const { scenarios, words, runs, signal } = options;
  if (words.length === 0)
    throw new UserError("say what to take in pairs: rows, groups or scenarios, which --list names");
  const chosen = chosenOf(words, scenarios);
  const alone = chosen.find(({ scenario }) => scenario.noPairs === true);
  if (alone !== undefined)
    throw new UserError(`${alone.scenario.name} is of this checkout: there are no pairs of it`);
  const results: PairResult[] = [];
  const missing: Row[] = [];
  for (const { scenario, rows } of chosen) {
    const taken: Taken[] = [];
    if (rows.every(isLoad)) taken.push(...(await takeLoads(scenario, rows, options)));
    else {
      for (let pair = 1; pair <= runs && !signal.aborted; pair++)
        taken.push(...(await takePair(scenario, rows, pair, options)));
    }
    for (const row of rows) {
      const result = pairsOf(scenario.name, row, taken);
      if (result === undefined) missing.push(row);
      else results.push(result);
    }
  }
  return { results, missing };
}

async function takePair(
  scenario: Scenario,
  rows: readonly Row[],
  pair: number,
  { beside, runs, signal, headStartMs = usualHeadStartMs }: PairOptions,
): Promise<readonly Taken[]> {
  const wanted = new Set(rows.map(({ id }) => id));
  const take = async (side: Side, other: Variant): Promise<readonly Taken[]> => {
    const title = `${scenario.name}: pair ${pair} of ${runs}, ${side}`;
    const run = (options: TakeOptions): Promise<void> =>
      scenario.run({ ...options, variant: variantOf(side, other) });
    return takenOf(pair, side, await runOnce(title, run, { wanted, signal }));
  };
  const order = orderOf(pair);
  if (!rows.every(isIdleMemory)) {
    const taken: Taken[] = [];
    for (const side of order) if (!signal.aborted) taken.push(...(await take(side, beside)));
    return taken;
  }
  await using own = await withOwnFile(beside);
  const [first, second] = order.map((side) => () => take(side, own.variant));
  const late = async (): Promise<readonly Taken[]> => {
    await sleep(headStartMs, signal);
    return (await second?.()) ?? [];
  };
  const taken = await Promise.allSettled([first?.() ?? [], late()]);
  // A run tells its failure by itself; what is left is that somebody has ended the bench.
  return taken.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
}

/** An idle neighbour takes processor time, and no memory: only rows of memory may have one. */
const isIdleMemory = ({ group }: Row): boolean => group === "idle-memory";

/** The first has most of its start behind it by then: two at once would be longer, and leave more to collect. */
const usualHeadStartMs = 45_000;

/** Pages of a file are shared by all processes that run it, and PSS divides them among these: so each side has its own. */
async function withOwnFile(variant: Variant): Promise<{ readonly variant: Variant } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), "bench-"));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  const k0s = join(dir, "k0s");
  try {
    await copyFile(variant.k0s ?? builtFile, k0s);
  } catch (err) {
    await remove();
    throw err;
  }
  return { variant: { ...variant, k0s }, [Symbol.asyncDispose]: remove };
}
