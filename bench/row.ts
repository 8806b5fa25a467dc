// What a row of the table is: a figure with its budget, and how it came about.

import { unlessAborted } from "../src/std/wait.ts";
import type { Variant } from "./variant.ts";

export type Unit = "s" | "ms" | "MB" | "MiB" | "%" | "lines" | "/s" | "/min" | "times";

/** Rows of several scenarios that are looked at together. */
export type Group = "idle-memory" | "write-load" | "pod-load";

export interface Row {
  /** What it is chosen by: `make bench ARGS=single-api`. */
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  /** At most; undefined where the design sets none. */
  readonly budget?: number;
  readonly group?: Group;
  /** What a reader would type to see the same. */
  readonly command: string;
}

/** Row → figure of one run, in the row's unit. */
export type Figures = ReadonlyMap<string, number>;

/** Rows that come from one piece of work. */
export interface Measurement<Subject> {
  readonly rows: readonly Row[];
  /** Done even if its rows are not wanted: what follows needs it. */
  readonly always?: true;
  readonly measure: (subject: Subject, signal: AbortSignal) => Promise<Figures>;
}

export interface TakeOptions {
  readonly wanted: ReadonlySet<string>;
  /** Takes a figure as soon as it is there: a failure of what follows does not lose it. */
  readonly report: (id: string, value: number) => void;
  readonly signal: AbortSignal;
}

export interface RunOptions extends TakeOptions {
  readonly variant: Variant;
}

/** One subject, of which figures can be taken again. */
export interface Session extends AsyncDisposable {
  /** What later ones need is done the first time, and then no more. */
  readonly take: (options: TakeOptions) => Promise<void>;
}

export interface ScenarioFacts {
  readonly name: string;
  /** What one run of all of its rows takes, on two cores that do nothing else. */
  readonly minutes: number;
  /** Taken only where it is named: a whole run ends within 20 minutes. */
  readonly onDemand?: true;
  /** It measures this checkout: there is nothing to take beside it. */
  readonly noPairs?: true;
}

/** Measurements on one subject, e.g. a cluster, which is made again for each run. In order: later ones may do damage. */
export interface Scenario extends ScenarioFacts {
  readonly rows: readonly Row[];
  /** One run of the rows that are wanted. */
  readonly run: (options: RunOptions) => Promise<void>;
  /** For more than one run on the same subject, where there is one. */
  readonly begin?: (variant: Variant, signal: AbortSignal) => Promise<Session>;
}

export function scenario<Subject>(
  facts: ScenarioFacts,
  make: (variant: Variant, signal: AbortSignal) => Promise<Subject & AsyncDisposable>,
  measurements: readonly Measurement<Subject>[],
): Scenario {
  const begin = async (variant: Variant, signal: AbortSignal): Promise<Session> => {
    const subject = await make(variant, signal);
    const done = new Set<Measurement<Subject>>();
    const isDue = (one: Measurement<Subject>, wanted: ReadonlySet<string>): boolean =>
      one.always === true ? !done.has(one) : one.rows.some(({ id }) => wanted.has(id));
    return {
      take: async ({ wanted, report, signal }) => {
        for (const one of measurements.filter((measurement) => isDue(measurement, wanted))) {
          for (const [id, value] of await unlessAborted(one.measure(subject, signal), signal))
            report(id, value);
          done.add(one);
        }
      },
      [Symbol.asyncDispose]: async () => subject[Symbol.asyncDispose](),
    };
  };
  return {
    ...facts,
    rows: measurements.flatMap(({ rows }) => rows),
    begin,
    run: async ({ variant, ...options }) => {
      await using session = await begin(variant, options.signal);
      await session.take(options);
    },
  };
}
