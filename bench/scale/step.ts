// A cluster of some size, measured: what k0s, the API server and etcd hold and use, what k0s asks, how long the API takes.

import { loadavg } from "node:os";
import { errorMessage } from "../../src/std/errors.ts";
import { sleep, unlessAborted } from "../../src/std/wait.ts";
import { loadConfig, type ScaleCluster } from "./cluster.ts";

export interface Size {
  readonly nodes: number;
  readonly pods: number;
}

export type Figures = Readonly<Record<string, number>>;

/** Some pods more of one Deployment. */
export interface Wave {
  readonly pods: number;
  /** Until all of them ran; absent where that was not within `limitSeconds`. */
  readonly seconds?: number;
  readonly limitSeconds?: number;
  /** How far it had come by then: `made`, `scheduled`, `running`, `readyPods`, `readyNodes`. */
  readonly stand?: Figures;
}

export interface Step extends Size {
  readonly controllers: 1 | 3;
  /** Processes that wanted a core in the idle minute. */
  readonly load: number;
  /** Of each controller: `pss k0s`, `anonymous etcd`, `cpu kube-apiserver` (percent of a core), … */
  readonly programs: readonly Figures[];
  /** Of k0s on each controller, a second, by kind; `all` of them. */
  readonly requests: readonly Figures[];
  /** Of the first controller's API server, in milliseconds: `LIST pods p50`, … */
  readonly latency: Figures;
  /** Absent where there is no node. */
  readonly wave?: Wave;
  /** Pods of this size that did not run in time; absent: all ran. */
  readonly waiting?: number;
  /** What could not be measured, and why. */
  readonly missing?: readonly string[];
}

/** How what is idle is measured: after a pause, over some time. */
export interface IdleOptions {
  readonly settleMs: number;
  readonly windowSeconds: number;
}

export interface StepOptions extends IdleOptions {
  /** How many pods more are started for a moment. */
  readonly wave: number;
  readonly waveSeconds: number;
}

/** A request of the bench ends within five minutes, so what a cluster gets comes in parts. */
const nodesAtOnce = 500;
const podsAtOnce = 1_000;

/** Grows the cluster from one size to the next; tells how many pods do not run. */
export async function grow(
  { controllers }: ScaleCluster,
  from: Size,
  to: Size,
  signal: AbortSignal,
): Promise<number> {
  const [first] = controllers;
  if (first === undefined) throw new Error("there is no controller");
  const grown = (...sizes: readonly number[]): Promise<Figures> => {
    const args = [...sizes, controllers.length].map(String);
    return unlessAborted(first.ask("scale-grow", loadConfig, ...args), signal);
  };
  for (let nodes = from.nodes; nodes < to.nodes; nodes += nodesAtOnce)
    await grown(nodes, Math.min(to.nodes, nodes + nodesAtOnce), 0, 0);
  let waiting = 0;
  for (let pods = from.pods; pods < to.pods; pods += podsAtOnce) {
    const found = await grown(to.nodes, to.nodes, pods, Math.min(to.pods, pods + podsAtOnce));
    // Of all, not of these alone.
    waiting = found["waiting"] ?? 0;
  }
  return waiting;
}

/** Measures what is there now. One thing that cannot be measured costs its own figures alone. */
export async function measureStep(
  { controllers }: ScaleCluster,
  size: Size,
  { settleMs, windowSeconds, wave, waveSeconds }: StepOptions,
  signal: AbortSignal,
): Promise<Step> {
  const missing: string[] = [];
  const tried = async <T>(what: string, work: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await unlessAborted(work, signal);
    } catch (err) {
      signal.throwIfAborted();
      missing.push(`${what}: ${errorMessage(err)}`);
      return otherwise;
    }
  };
  await sleep(settleMs, signal);
  const from = Date.now();
  const programs = await Promise.all(
    controllers.map((node) => tried("programs", node.ask("idle", String(windowSeconds)), {})),
  );
  const load = loadavg()[0] ?? 0;
  const to = from + windowSeconds * 1_000;
  const requests: Figures[] = [];
  for (const node of controllers)
    requests.push(await tried("requests", node.ask("requests", String(from), String(to)), {}));
  const [first] = controllers;
  if (first === undefined) throw new Error("there is no controller");
  const latency = await tried("latency", first.ask("scale-latency", loadConfig), {});
  const limit = String(waveSeconds);
  const waved =
    size.nodes === 0
      ? undefined
      : await tried("wave", first.ask("scale-pods", loadConfig, String(wave), limit), undefined);
  return {
    ...size,
    controllers: controllers.length === 3 ? 3 : 1,
    load,
    programs,
    requests,
    latency,
    ...(waved === undefined ? {} : { wave: waveOf(waved, wave, waveSeconds) }),
    ...(missing.length === 0 ? {} : { missing }),
  };
}

function waveOf(found: Figures, pods: number, limitSeconds: number): Wave {
  const { runMs } = found;
  if (runMs !== undefined) return { pods, seconds: runMs / 1_000 };
  const stand = Object.entries(found).filter(([name]) => !name.endsWith("Ms"));
  return { pods, limitSeconds, stand: Object.fromEntries(stand) };
}
