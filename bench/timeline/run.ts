// `bun bench/run.ts timeline`: where the seconds of a start go. Prints a table a start; `--pictures DIR` writes SVG and JSON
// there, `--beside FILE` and `--beside-env NAME=VALUE` take another k0s in turns, for pairs in one run.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatTable } from "../../src/std/text-table.ts";
import { orderOf } from "../pairs/pairs.ts";
import type { Variant } from "../variant.ts";
import { kindOf, kinds, takeTimelines } from "./measure.ts";
import { endOf, timelineSvg } from "./svg.ts";
import { type Timeline, timelineHeader, timelineTable } from "./timeline.ts";

export interface TimelineOptions {
  /** Of `kinds`; none: all. */
  readonly names: readonly string[];
  readonly runs: number;
  readonly beside: Variant | undefined;
  readonly pictures: string | undefined;
}

interface Taken {
  readonly kind: string;
  readonly file: "before" | "now";
  readonly run: number;
  readonly timeline: Timeline;
}

export async function runTimelines(options: TimelineOptions, signal: AbortSignal): Promise<void> {
  const { names, runs, beside, pictures } = options;
  // Before the first of them is taken.
  for (const name of names) kindOf(name);
  const taken: Taken[] = [];
  for (const kind of names.length === 0 ? Object.keys(kinds) : names) {
    for (let run = 1; run <= runs; run++) {
      for (const side of beside === undefined ? (["now"] as const) : orderOf(run)) {
        const file = side === "now" ? "now" : "before";
        const timelines = await takeTimelines(kind, file === "now" ? {} : (beside ?? {}), signal);
        for (const timeline of timelines) {
          taken.push({ kind, file, run, timeline });
          tell(timeline, file);
        }
      }
    }
  }
  if (pictures !== undefined) await draw(taken, pictures);
}

function tell(timeline: Timeline, file: string): void {
  const { name, milestones, processorMs } = timeline;
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  console.log(`${name} (${file})`);
  for (const { name: milestone, atMs, processorMs: used } of milestones)
    console.log(`  ${milestone} after ${seconds(atMs)} s, ${seconds(used)} s of processor time`);
  const programs = Object.entries(processorMs).toSorted(([, a], [, b]) => b - a);
  console.log(`  ${programs.map(([program, ms]) => `${program} ${seconds(ms)}`).join(", ")}`);
  console.log(formatTable(timelineHeader, timelineTable(timeline)));
}

/** Of each kind and start the last run; both files in one scale. */
async function draw(taken: readonly Taken[], dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const last = new Map(taken.map((one) => [`${one.timeline.name}, ${one.file}`, one]));
  for (const [title, { timeline }] of last) {
    const sameStart = [...last.values()].filter((one) => one.timeline.name === timeline.name);
    const scale = Math.max(...sameStart.map((one) => endOf(one.timeline)));
    const file = join(dir, `start-${title.replaceAll(/[^a-z]+/g, "-")}.svg`);
    await writeFile(file, timelineSvg({ ...timeline, name: title }, scale));
  }
  await writeFile(join(dir, "start-timelines.json"), `${JSON.stringify(taken, undefined, 1)}\n`);
}
