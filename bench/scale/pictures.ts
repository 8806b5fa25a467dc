// Which curves the figures of all steps make: by nodes where there are no pods, by pods on the most nodes. Pure.

import type { Curve, CurvePicture } from "./curves.ts";
import type { Figures, Step } from "./step.ts";

const programs = ["k0s", "kube-apiserver", "etcd"];
const calls = ["LIST pods", "LIST nodes", "GET", "PATCH"];

interface Line {
  readonly name: string;
  readonly of: (step: Step) => number | undefined;
}

interface Picture {
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** Of the controller that has the most: a machine must have room for that. */
const most = (all: readonly Figures[], name: string): number | undefined => {
  const values = all.flatMap((figures) => figures[name] ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
};

const ofPrograms = (figure: string): readonly Line[] =>
  programs.map((program) => ({ name: program, of: (step) => most(step.programs, `${figure} ${program}`) }));

const pictures: readonly Picture[] = [
  { file: "memory", title: "Memory (PSS)", unit: "MiB", lines: ofPrograms("pss") },
  { file: "anonymous", title: "Anonymous memory", unit: "MiB", lines: ofPrograms("anonymous") },
  { file: "processor", title: "Processor time, idle", unit: "% of a core", lines: ofPrograms("cpu") },
  {
    file: "requests",
    title: "Requests of k0s",
    unit: "1/s",
    lines: [{ name: "all", of: (step) => most(step.requests, "all") }],
  },
  {
    file: "latency",
    title: "API, median",
    unit: "ms",
    lines: calls.map((call) => ({ name: call, of: ({ latency }) => latency[`${call} p50`] })),
  },
  {
    file: "latency-p99",
    title: "API, p99",
    unit: "ms",
    lines: calls.map((call) => ({ name: call, of: ({ latency }) => latency[`${call} p99`] })),
  },
  {
    file: "wave",
    title: "1,000 pods more: until they run",
    unit: "s",
    lines: [{ name: "Deployment", of: ({ wave }) => wave?.seconds }],
  },
];

/** What curves of joins and agents show: the file, title and unit, and of each line the name and its figure. */
type Drawn = readonly [string, string, string, Readonly<Record<string, string>>];

const storms = ["authorities", "members", "client certificates", "serving certificates"];
const ofStorms = (figure: string): Readonly<Record<string, string>> =>
  Object.fromEntries(storms.map((storm) => [storm, `${storm} ${figure}`]));

const ofAgents = (figure: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["konnectivity-server", "k0s", "kube-apiserver"].map((program) => [program, `${figure} ${program}`]),
  );

/** By how many joined at once. */
export const joinPictures = (found: readonly Figures[]): ReadonlyMap<string, CurvePicture> =>
  drawnAlong("joins", found, [
    ["joins-p50", "Nodes that join at once, median", "ms", ofStorms("p50")],
    ["joins-all", "Nodes that join at once, the last one", "ms", ofStorms("all")],
    ["joins-processor", "Processor time of k0s for all of them", "s", ofStorms("k0s seconds")],
  ]);

/** By how many agents there are. */
export const agentPictures = (found: readonly Figures[]): ReadonlyMap<string, CurvePicture> =>
  drawnAlong("agents", found, [
    ["agents-memory", "Memory (PSS)", "MiB", ofAgents("pss")],
    ["agents-processor", "Processor time, idle", "% of a core", ofAgents("cpu")],
    ["agents-requests", "Requests of k0s", "1/s", { all: "requests of k0s a second" }],
  ]);

function drawnAlong(
  along: string,
  found: readonly Figures[],
  pictured: readonly Drawn[],
): ReadonlyMap<string, CurvePicture> {
  return new Map(
    pictured.map(([file, title, unit, lines]) => {
      const curves = Object.entries(lines).map(([name, figure]) => ({
        name,
        points: found.flatMap((one) => pointOf(one[along], one[figure])),
      }));
      return [file, { title, along, unit, curves: curves.filter(({ points }) => points.length > 0) }];
    }),
  );
}

/** A figure that is not there is null once it was JSON. */
function pointOf(x: number | undefined, y: number | undefined): readonly (readonly [number, number])[] {
  return typeof x === "number" && typeof y === "number" && Number.isFinite(y) ? [[x, y]] : [];
}

/** Pictures by the names of their files, without an ending. */
export function scalePictures(steps: readonly Step[]): ReadonlyMap<string, CurvePicture> {
  const mostNodes = Math.max(0, ...steps.map(({ nodes }) => nodes));
  const ways = [
    { along: "nodes", of: steps.filter(({ pods }) => pods === 0), at: ({ nodes }: Step) => nodes },
    { along: "pods", of: steps.filter(({ nodes }) => nodes === mostNodes), at: ({ pods }: Step) => pods },
  ];
  const found = new Map<string, CurvePicture>();
  for (const { file, title, unit, lines } of pictures) {
    for (const { along, of, at } of ways) {
      const curves = lines.flatMap((line) => curvesOf(line, of, at));
      const on = along === "pods" ? ` on ${mostNodes} nodes` : "";
      if (curves.some(({ points }) => points.length > 1))
        found.set(`${file}-by-${along}`, { title: `${title}${on}`, along, unit, curves });
    }
  }
  return found;
}

function curvesOf({ name, of }: Line, steps: readonly Step[], at: (step: Step) => number): readonly Curve[] {
  return ([1, 3] as const).flatMap((controllers) => {
    const points = steps
      .filter((step) => step.controllers === controllers)
      .flatMap((step) => pointOf(at(step), of(step)))
      .toSorted(([a], [b]) => a - b);
    if (points.length === 0) return [];
    const whose = controllers === 1 ? "one controller" : "three controllers";
    return [{ name: `${name}, ${whose}`, points, dashed: controllers === 3 }];
  });
}
