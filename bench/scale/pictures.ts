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
      .flatMap((step) => {
        const value = of(step);
        return value === undefined ? [] : [[at(step), value] as const];
      })
      .toSorted(([a], [b]) => a - b);
    if (points.length === 0) return [];
    const whose = controllers === 1 ? "one controller" : "three controllers";
    return [{ name: `${name}, ${whose}`, points, dashed: controllers === 3 }];
  });
}
