// Loads in pairs: both clusters run all the time, and are loaded in turns, seconds apart. A machine that is slower for a minute
// costs both alike then, and each is met by its loads as one that has been idle.

import { UserError } from "../../src/std/errors.ts";
import type { Row, Scenario, Session, TakeOptions } from "../row.ts";
import { runOnce } from "../run-once.ts";
import type { Variant } from "../variant.ts";
import { orderOf, type Side, type Taken, takenOf, variantOf } from "./pairs.ts";

export interface LoadPairs {
  readonly beside: Variant;
  readonly runs: number;
  readonly signal: AbortSignal;
}

/** A load waits until its programs are idle, so an idle neighbour is all that the other one has. */
export const isLoad = ({ group }: Row): boolean => group === "write-load" || group === "pod-load";

export async function takeLoads(
  { name, begin }: Scenario,
  rows: readonly Row[],
  { beside, runs, signal }: LoadPairs,
): Promise<readonly Taken[]> {
  if (begin === undefined) throw new UserError(`${name} has no cluster that could be loaded twice`);
  await using both = new AsyncDisposableStack();
  const sessions = new Map<Side, Session>();
  for (const side of orderOf(1)) {
    const start = async (options: TakeOptions): Promise<void> => {
      const session = both.use(await begin(variantOf(side, beside), options.signal));
      await session.take(options);
      sessions.set(side, session);
    };
    await runOnce(`${name}: ${side} begins`, start, { wanted: new Set(), signal });
  }
  const wanted = new Set(rows.map(({ id }) => id));
  const taken: Taken[] = [];
  for (let pair = 1; pair <= runs && sessions.size === 2; pair++) {
    for (const side of orderOf(pair)) {
      if (signal.aborted) return taken;
      const load = async (options: TakeOptions): Promise<void> => sessions.get(side)?.take(options);
      const figures = await runOnce(`${name}: pair ${pair} of ${runs}, ${side}`, load, { wanted, signal });
      taken.push(...takenOf(pair, side, figures));
    }
  }
  return taken;
}
