// A cluster of some size, measured: what k0s, the API server and etcd hold and use, what k0s asks, how long the API takes.

import { loadavg } from "node:os";
import { sleep } from "../../src/std/wait.ts";
import { loadConfig, type ScaleCluster } from "./cluster.ts";

export interface Size {
  readonly nodes: number;
  readonly pods: number;
}

export type Figures = Readonly<Record<string, number>>;

export interface Step extends Size {
  readonly controllers: 1 | 3;
  /** Processes that wanted a core while it was measured. */
  readonly load: number;
  /** Of each controller: `pss k0s`, `anonymous etcd`, `cpu kube-apiserver` (percent of a core), … */
  readonly programs: readonly Figures[];
  /** Of k0s on each controller, a second, by kind; `all` of them. */
  readonly requests: readonly Figures[];
  /** Of the first controller's API server, in milliseconds: `LIST pods p50`, … */
  readonly latency: Figures;
  /** Until 1,000 pods more of one Deployment ran; absent where there is no node. */
  readonly wave?: { readonly pods: number; readonly seconds: number };
}

export interface StepOptions {
  readonly settleMs: number;
  readonly windowSeconds: number;
  /** How many pods more are started for a moment. */
  readonly wave: number;
}

/** A request of the bench ends within five minutes, so pods come in parts. */
const podsAtOnce = 2_500;

/** Grows the cluster from one size to the next. */
export async function grow({ controllers }: ScaleCluster, from: Size, to: Size): Promise<void> {
  const [first] = controllers;
  if (first === undefined) throw new Error("there is no controller");
  const grown = (nodesFrom: number, podsFrom: number, podsTo: number) =>
    first.ask(
      "scale-grow",
      loadConfig,
      ...[nodesFrom, to.nodes, podsFrom, podsTo, controllers.length].map(String),
    );
  await grown(from.nodes, from.pods, from.pods);
  for (let pods = from.pods; pods < to.pods; pods += podsAtOnce)
    await grown(to.nodes, pods, Math.min(to.pods, pods + podsAtOnce));
}

/** Measures what is there now. */
export async function measureStep(
  { controllers }: ScaleCluster,
  size: Size,
  { settleMs, windowSeconds, wave }: StepOptions,
  signal: AbortSignal,
): Promise<Step> {
  await sleep(settleMs, signal);
  const from = Date.now();
  const programs = await Promise.all(controllers.map((node) => node.ask("idle", String(windowSeconds))));
  const to = from + windowSeconds * 1_000;
  const requests: Figures[] = [];
  for (const node of controllers) requests.push(await node.ask("requests", String(from), String(to)));
  const latency = (await controllers[0]?.ask("scale-latency", loadConfig)) ?? {};
  const waved =
    size.nodes === 0 ? undefined : await controllers[0]?.ask("scale-pods", loadConfig, String(wave));
  return {
    ...size,
    controllers: controllers.length === 3 ? 3 : 1,
    load: loadavg()[0] ?? 0,
    programs,
    requests,
    latency,
    ...(waved === undefined ? {} : { wave: { pods: wave, seconds: (waved["runMs"] ?? Number.NaN) / 1000 } }),
  };
}
