// `bun bench/run.ts scale`: what grows with nodes and pods, docs/scale.md. Parts are chosen by name; figures and pictures go
// to `--pictures DIR` after each step, so that a run that is ended has told what it has seen.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isNotFound, UserError } from "../../src/std/errors.ts";
import { formatTable } from "../../src/std/text-table.ts";
import { describeMachine, machineFacts } from "../machine-facts.ts";
import { measureAgents } from "./agents.ts";
import { scaleCluster } from "./cluster.ts";
import { curvesSvg } from "./curves.ts";
import { measureJoins } from "./joins.ts";
import { scalePictures } from "./pictures.ts";
import { measureRelay } from "./relay.ts";
import { type Figures, grow, measureStep, type Size, type Step } from "./step.ts";

export interface ScaleOptions {
  /** Of `parts`; none: all. */
  readonly names: readonly string[];
  /** `nodes:pods`, by commas; each is reached from the one before. */
  readonly sizes: string | undefined;
  readonly pictures: string | undefined;
}

const defaultSizes = "0:0,100:0,300:0,1000:0,1000:1000,1000:5000,1000:20000";
const step = { settleMs: 30_000, windowSeconds: 60, wave: 1_000 };
const agentCounts = [50, 100, 200, 400];

type Part = (options: ScaleOptions, signal: AbortSignal) => Promise<void>;

const parts: Readonly<Record<string, Part>> = {
  one: (options, signal) => followGrowth(1, options, signal),
  three: (options, signal) => followGrowth(3, options, signal),
  joins: async (options, signal) => keepFigures("joins", [await measureJoins(200, signal)], options),
  balancer: async (options) => keepFigures("balancer", [await measureRelay(2_000, 4_000)], options),
  agents: async (options, signal) => keepFigures("agents", await measureAgents(agentCounts, signal), options),
};

export async function runScale(options: ScaleOptions, signal: AbortSignal): Promise<void> {
  const names = options.names.length === 0 ? Object.keys(parts) : options.names;
  console.log(describeMachine(await machineFacts()));
  for (const name of names) {
    const part = parts[name];
    if (part === undefined)
      throw new UserError(`scale has no part ${name}: there are ${Object.keys(parts).join(", ")}`);
    await part(options, signal);
  }
}

function sizesOf(text: string): readonly Size[] {
  return text.split(",").map((size) => {
    const [, nodes, pods] = /^(\d+):(\d+)$/.exec(size) ?? [];
    if (nodes === undefined || pods === undefined)
      throw new UserError(`${size} is no size: write nodes:pods, as in ${defaultSizes}`);
    return { nodes: Number(nodes), pods: Number(pods) };
  });
}

async function followGrowth(controllers: 1 | 3, options: ScaleOptions, signal: AbortSignal): Promise<void> {
  const taken: Step[] = [];
  await using cluster = await scaleCluster(controllers, signal);
  let size: Size = { nodes: 0, pods: 0 };
  for (const next of sizesOf(options.sizes ?? defaultSizes)) {
    await grow(cluster, size, next);
    size = next;
    const found = await measureStep(cluster, size, step, signal);
    taken.push(found);
    tell(found);
    await keep(`growth-${controllers}`, taken, options);
    await draw(options);
  }
}

function tell({ controllers, nodes, pods, load, programs, requests, latency, wave }: Step): void {
  console.log(`${controllers} controllers, ${nodes} nodes, ${pods} pods, load ${load.toFixed(1)}`);
  console.log(JSON.stringify({ requests, latency, wave }));
  const number = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(1));
  const rows = ["k0s", "kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"].map(
    (program) => [
      program,
      ...["pss", "anonymous", "cpu"].map((figure) =>
        programs.map((figures) => number(figures[`${figure} ${program}`])).join(" / "),
      ),
    ],
  );
  console.log(formatTable(["PROGRAM", "PSS MiB", "ANONYMOUS MiB", "PROCESSOR %"], rows));
}

async function keepFigures(name: string, found: readonly Figures[], options: ScaleOptions): Promise<void> {
  console.log(name, JSON.stringify(found, undefined, 1));
  await keep(name, found, options);
}

/** Figures with the machine that they are from. */
async function keep(name: string, found: readonly unknown[], { pictures }: ScaleOptions): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  const file = { machine: await machineFacts(), found };
  await writeFile(join(pictures, `${name}.json`), `${JSON.stringify(file, undefined, 1)}\n`);
}

/** From what lies there: one controller and three are measured in turn, and shown together. */
async function draw({ pictures: dir }: ScaleOptions): Promise<void> {
  if (dir === undefined) return;
  const kept = await Promise.all(
    [1, 3].map((controllers) => keptSteps(join(dir, `growth-${controllers}.json`))),
  );
  for (const [name, one] of scalePictures(kept.flat()))
    await writeFile(join(dir, `${name}.svg`), curvesSvg(one));
}

async function keptSteps(path: string): Promise<readonly Step[]> {
  try {
    return (JSON.parse(await readFile(path, "utf8")) as { readonly found: readonly Step[] }).found;
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}
