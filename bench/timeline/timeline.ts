// A start as rows: when each component was begun, spawned, answered, was ready, and what it waited for. Pure.

import type { Moment } from "./log-moments.ts";

export interface TimelineRow {
  readonly component: string;
  /** Everything in milliseconds since k0s was started. Begun: what it depends on was ready. */
  readonly begunMs: number;
  /** Its work runs: of a program, its process. */
  readonly spawnedMs?: number;
  /** The first that was not "there is nobody". */
  readonly answeredMs?: number;
  readonly readyMs?: number;
  /** The component among those ready before that was the last: what held it up. */
  readonly after?: string;
  /** The last reason that it gave for not being ready. */
  readonly waitedFor?: string;
  /** Of its process, until the end of the measurement. */
  readonly processorMs?: number;
}

export interface Timeline {
  readonly name: string;
  /** Of the whole machine: `spawn`, `api`, `node`, `pods`, as far as it was followed. */
  readonly milestones: readonly Milestone[];
  readonly rows: readonly TimelineRow[];
  /** By program, those of k0s' own unpacking too: `k0s (unpacking)`. */
  readonly processorMs: Readonly<Record<string, number>>;
}

export interface Milestone {
  readonly name: string;
  readonly atMs: number;
  /** Of all processes of the machine until then. */
  readonly processorMs: number;
}

const nobody =
  /refused|no such file|ENOENT|ECONNREFUSED|closed|reset|timed? ?out|cannot connect|unable to connect/i;

/** `startedAt` is the clock's, as the moments. Components that nothing was told of have no row. */
export function timelineRows(
  moments: readonly Moment[],
  startedAt: number,
  processorMs: Readonly<Record<string, number>>,
): readonly TimelineRow[] {
  const components = [...new Set(moments.map(({ component }) => component))];
  const rows = components.flatMap((component): TimelineRow[] => {
    const own = moments.filter((moment) => moment.component === component);
    const at = (what: string): number | undefined => own.find((moment) => moment.what === what)?.atMs;
    const begun = at("starting");
    if (begun === undefined) return [];
    const ready = at("ready");
    const answered =
      own.find(({ what, text = "" }) => what === "waits" && !nobody.test(text))?.atMs ??
      (at("running") === ready ? undefined : ready);
    const since = (ms: number | undefined): number | undefined =>
      ms === undefined ? undefined : ms - startedAt;
    return [
      defined({
        component,
        begunMs: begun - startedAt,
        spawnedMs: since(at("running")),
        answeredMs: since(answered),
        readyMs: since(ready),
        after: lastReadyBefore(moments, begun),
        waitedFor: own.findLast(({ what }) => what === "waits")?.text,
        processorMs: processorMs[component],
      }),
    ];
  });
  return rows.toSorted((a, b) => a.begunMs - b.begunMs);
}

/** A component is begun in the moment in which the last of those it waits for is ready. */
function lastReadyBefore(moments: readonly Moment[], atMs: number): string | undefined {
  const last = moments.findLast((moment) => moment.what === "ready" && moment.atMs <= atMs);
  return last !== undefined && atMs - last.atMs <= 5 ? last.component : undefined;
}

type Loose = { readonly [Key in keyof TimelineRow]: TimelineRow[Key] | undefined };

function defined(row: Loose & Pick<TimelineRow, "component" | "begunMs">): TimelineRow {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as unknown as TimelineRow;
}

export const timelineHeader = [
  "COMPONENT",
  "BEGUN",
  "SPAWNED",
  "ANSWERS",
  "READY",
  "PROCESSOR",
  "AFTER",
  "WAITED FOR",
];

export function timelineTable({ rows }: Timeline): readonly (readonly string[])[] {
  const seconds = (ms: number | undefined): string => (ms === undefined ? "–" : (ms / 1000).toFixed(2));
  return rows.map((row) => [
    row.component,
    seconds(row.begunMs),
    seconds(row.spawnedMs),
    seconds(row.answeredMs),
    seconds(row.readyMs),
    seconds(row.processorMs),
    row.after ?? "",
    (row.waitedFor ?? "").slice(0, 60),
  ]);
}
