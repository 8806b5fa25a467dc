// `bun bench/run.ts scale`: what grows with nodes and pods, docs/scale.md. Parts are chosen by name; figures and pictures go
// to `--pictures DIR` after each step, so that a run that is ended has told what it has seen.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage, isNotFound, UserError } from "../../src/std/errors.ts";
import { unlessAborted } from "../../src/std/wait.ts";
import { describeMachine, machineFacts } from "../machine-facts.ts";
import { measureAgents } from "./agents.ts";
import { scaleCluster } from "./cluster.ts";
import { type CurvePicture, curvesSvg } from "./curves.ts";
import { agentPictures, joinPictures, scalePictures } from "./pictures.ts";
import { measureJoins } from "./joins.ts";
import { measureRelay } from "./relay.ts";
import { type Figures, grow, type IdleOptions, measureStep, type Size, type Step } from "./step.ts";
import { stepReport } from "./step-report.ts";

export interface ScaleOptions {
  /** Of `parts`; none: all. */
  readonly names: readonly string[];
  /** `nodes:pods`, by commas; each is reached from the one before. */
  readonly sizes: string | undefined;
  /** How many nodes join at once, by commas. */
  readonly joins: string | undefined;
  /** How many agents there are, by commas. */
  readonly agents: string | undefined;
  /** To see whether all of it works: what is idle is looked at for ten seconds, right away. */
  readonly quick: boolean;
  readonly pictures: string | undefined;
}

const defaults = {
  one: "0:0,100:0,300:0,1000:0,1000:5000",
  three: "0:0,300:0,1000:0",
  joins: "50,100,200",
  agents: "50,200,400",
};
const wave = { wave: 1_000, waveSeconds: 120 };
const idle = { settleMs: 30_000, windowSeconds: 60 };
const quickIdle = { settleMs: 5_000, windowSeconds: 10 };
/** The storm of joins is one process, whose HTTP client has 256 requests at a time, each of them a watch. */
const mostJoins = 250;

interface Chosen {
  readonly sizes: Readonly<Record<1 | 3, readonly Size[]>>;
  readonly joins: readonly number[];
  readonly agents: readonly number[];
  readonly idle: IdleOptions;
  readonly pictures: string | undefined;
}

type Part = (chosen: Chosen, signal: AbortSignal) => Promise<void>;

const parts: Readonly<Record<string, Part>> = {
  one: (chosen, signal) => followGrowth(1, chosen, signal),
  three: (chosen, signal) => followGrowth(3, chosen, signal),
  joins: ({ joins, pictures }, signal) =>
    measureJoins(joins, (found) => keepAndDraw("joins", found, joinPictures(found), pictures), signal),
  balancer: async ({ pictures }) =>
    keepAndDraw("balancer", [await measureRelay(2_000, 4_000)], new Map(), pictures),
  agents: ({ agents, pictures, ...chosen }, signal) => {
    const keepFound = (found: readonly Figures[]): Promise<void> =>
      keepAndDraw("agents", found, agentPictures(found), pictures);
    return measureAgents(agents, chosen.idle, keepFound, signal);
  },
};

/** False where a part has failed; the others are measured all the same. */
export async function runScale(options: ScaleOptions, signal: AbortSignal): Promise<boolean> {
  const names = options.names.length === 0 ? Object.keys(parts) : options.names;
  // Everything is read before the first machine is made.
  const chosen = chosenOf(options);
  const wanted = names.map((name) => [name, partOf(name)] as const);
  console.log(describeMachine(await machineFacts()));
  let whole = true;
  for (const [name, part] of wanted) {
    const started = performance.now();
    try {
      await part(chosen, signal);
    } catch (err) {
      whole = false;
      console.error(`scale: ${name} ended early: ${errorMessage(err)}`);
      if (signal.aborted) break;
    }
    console.error(`scale: ${name} took ${Math.round((performance.now() - started) / 1_000)} s`);
  }
  return whole;
}

function partOf(name: string): Part {
  const part = parts[name];
  if (part === undefined)
    throw new UserError(`scale has no part ${name}: there are ${Object.keys(parts).join(", ")}`);
  return part;
}

function chosenOf({ sizes, joins, agents, quick, pictures }: ScaleOptions): Chosen {
  return {
    sizes: { 1: sizesOf(sizes ?? defaults.one), 3: sizesOf(sizes ?? defaults.three) },
    joins: countsOf("--joins", joins ?? defaults.joins, mostJoins),
    agents: countsOf("--agents", agents ?? defaults.agents, 5_000),
    idle: quick ? quickIdle : idle,
    pictures,
  };
}

function sizesOf(text: string): readonly Size[] {
  return text.split(",").map((size) => {
    const [, nodes, pods] = /^(\d+):(\d+)$/.exec(size) ?? [];
    if (nodes === undefined || pods === undefined)
      throw new UserError(`${size} is no size: write nodes:pods, as in ${defaults.one}`);
    return { nodes: Number(nodes), pods: Number(pods) };
  });
}

function countsOf(flag: string, text: string, most: number): readonly number[] {
  return text.split(",").map((word) => {
    const count = Number(word);
    if (Number.isInteger(count) && count > 0 && count <= most) return count;
    throw new UserError(`${flag} ${text}: write numbers from 1 to ${most}, by commas`);
  });
}

async function followGrowth(
  controllers: 1 | 3,
  { sizes, pictures, ...chosen }: Chosen,
  signal: AbortSignal,
): Promise<void> {
  const taken: Step[] = [];
  await using cluster = await scaleCluster(controllers, signal);
  let size: Size = { nodes: 0, pods: 0 };
  for (const next of sizes[controllers]) {
    const waiting = await unlessAborted(grow(cluster, size, next, signal), signal);
    size = next;
    const found = await unlessAborted(
      measureStep(cluster, size, { ...chosen.idle, ...wave }, signal),
      signal,
    );
    taken.push(waiting === 0 ? found : { ...found, waiting });
    console.log(stepReport(taken.at(-1) ?? found));
    await keep(`growth-${controllers}`, taken, pictures);
    await drawGrowth(pictures);
  }
}

async function keepAndDraw(
  name: string,
  found: readonly unknown[],
  drawn: ReadonlyMap<string, CurvePicture>,
  pictures: string | undefined,
): Promise<void> {
  console.log(name, JSON.stringify(found.at(-1), undefined, 1));
  await keep(name, found, pictures);
  await draw(drawn, pictures);
}

/** Figures with the machine that they are from. */
async function keep(name: string, found: readonly unknown[], dir: string | undefined): Promise<void> {
  if (dir === undefined) return;
  await mkdir(dir, { recursive: true });
  const file = { machine: await machineFacts(), found };
  await writeFile(join(dir, `${name}.json`), `${JSON.stringify(file, undefined, 1)}\n`);
}

async function draw(drawn: ReadonlyMap<string, CurvePicture>, dir: string | undefined): Promise<void> {
  if (dir === undefined) return;
  for (const [name, one] of drawn) await writeFile(join(dir, `${name}.svg`), curvesSvg(one));
}

/** From what lies there: one controller and three are measured in turn, and shown together. */
async function drawGrowth(dir: string | undefined): Promise<void> {
  if (dir === undefined) return;
  const kept = await Promise.all(
    [1, 3].map((controllers) => keptSteps(join(dir, `growth-${controllers}.json`))),
  );
  await draw(scalePictures(kept.flat()), dir);
}

async function keptSteps(path: string): Promise<readonly Step[]> {
  try {
    return (JSON.parse(await readFile(path, "utf8")) as { readonly found: readonly Step[] }).found;
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}
