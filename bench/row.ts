// What a row of the table is: a figure with its budget, and how it came about.

import { unlessAborted } from "../src/std/wait.ts";

export type Unit = "s" | "ms" | "MB" | "MiB" | "%" | "lines" | "/s" | "times";

export interface Row {
  /** What it is chosen by: `make bench ARGS=single-api`. */
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  /** At most; undefined where the design sets none. */
  readonly budget?: number;
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

/** Takes a figure as soon as it is there: a failure of what follows does not lose it. */
export type Report = (id: string, value: number) => void;

/** Measurements on one subject, e.g. a cluster, which is made again for each run. In order: later ones may do damage. */
export interface Scenario {
  readonly name: string;
  readonly rows: readonly Row[];
  /** One run of the rows that are wanted. */
  readonly run: (wanted: ReadonlySet<string>, report: Report, signal: AbortSignal) => Promise<void>;
}

export function scenario<Subject>(
  name: string,
  make: (signal: AbortSignal) => Promise<Subject & AsyncDisposable>,
  measurements: readonly Measurement<Subject>[],
): Scenario {
  return {
    name,
    rows: measurements.flatMap(({ rows }) => rows),
    run: async (wanted, report, signal) => {
      await using subject = await make(signal);
      for (const { rows, measure, always } of measurements) {
        if (always !== true && !rows.some(({ id }) => wanted.has(id))) continue;
        for (const [id, value] of await unlessAborted(measure(subject, signal), signal)) report(id, value);
      }
    },
  };
}
