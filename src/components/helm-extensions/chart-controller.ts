// Follows all Charts and has a few of them worked on at a time.

import type { KubeClient } from "../../kube/client.ts";
import { createInformer } from "../../kube/informer.ts";
import { type Backoff, createBackoff } from "../../std/backoff.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { WatchHealth } from "../../supervisor/leader-task.ts";
import { type Chart, chartKind, chartNamespace } from "./chart.ts";
import { reportChart } from "./chart-event.ts";
import type { Outcome } from "./chart-work.ts";
import { inOrder, waitsFor } from "./order.ts";
import { hasWork } from "./plan.ts";

export interface ChartControllerOptions {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly watch: WatchHealth;
  /** Asked each time. */
  readonly concurrency: () => number;
  readonly work: (chart: Chart, signal: AbortSignal) => Promise<Outcome>;
}

interface Tracked {
  /** Of the specification that it was worked on with. */
  generation: number | undefined;
  running: boolean;
  dueAt: number;
  /** What it waits for, as it was told last. */
  waiting: string;
  readonly soon: Backoff;
  readonly gentle: Backoff;
}

/** What has touched the release is not tried often: pods may have been replaced, and were replaced back. */
const gently = { firstMs: 60_000, longestMs: 1_800_000 };
/** What is followed may not show yet what was done. */
const lagMs = 1_000;
const soon = { firstMs: 5_000, longestMs: 300_000 };

/** Until the signal aborts; then no work is left running. */
export async function followCharts(options: ChartControllerOptions, signal: AbortSignal): Promise<void> {
  const { client, log, watch, work } = options;
  const tracked = new Map<string, Tracked>();
  const running = new Set<Promise<void>>();

  const begin = (chart: Chart, state: Tracked): void => {
    state.running = true;
    state.generation = chart.metadata.generation;
    const ending = work(chart, signal)
      .catch((err: unknown): Outcome => {
        // The term may have ended; then nothing is begun any more.
        if (!signal.aborted)
          log.error("The work on a Helm chart has ended", {
            chart: chart.metadata.name,
            err: errorMessage(err),
          });
        return { outcome: "failed", gently: false, err };
      })
      .then((outcome) => settle(state, outcome))
      .finally(() => {
        state.running = false;
        running.delete(ending);
        loop.ring();
      });
    running.add(ending);
  };

  const loop = createLoop({
    name: "work on Helm charts",
    log,
    round: async () => {
      const charts = inOrder(informer.items());
      forgetGone(tracked, charts);
      const now = performance.now();
      let next = Number.POSITIVE_INFINITY;
      for (const chart of charts.filter(hasWork)) {
        const state = stateOf(tracked, chart);
        if (state.running) continue;
        const other = waitsFor(chart, charts)?.metadata.name ?? "";
        if (other !== "" && other !== state.waiting) tellWaiting(chart, other, options);
        state.waiting = other;
        if (other !== "") continue;
        if (state.dueAt > now) next = Math.min(next, state.dueAt - now);
        else if (running.size < Math.max(1, options.concurrency())) begin(chart, state);
      }
      return next;
    },
  });
  const informer = createInformer<Chart>({
    client,
    kind: chartKind,
    namespace: chartNamespace,
    log,
    onChange: () => loop.ring(),
  });
  watch(informer);
  watch(loop);
  const following = informer.run(signal);
  await informer.synced(signal);
  await Promise.all([following, loop.run(signal)]);
  await Promise.allSettled(running);
}

function settle(state: Tracked, outcome: Outcome): void {
  const now = performance.now();
  if (outcome.outcome === "failed") {
    const { err } = outcome;
    state.dueAt = now + (outcome.gently ? state.gentle : state.soon).failed({ err });
    return;
  }
  state.soon.worked();
  state.gentle.worked();
  state.dueAt = now + (outcome.outcome === "wait" ? outcome.ms : lagMs);
}

function tellWaiting(chart: Chart, other: string, { client, log }: ChartControllerOptions): void {
  log.info("A Helm chart waits for another one", { chart: chart.metadata.name, for: other });
  const message = `waits for ${other}, which has another order`;
  void reportChart(client, chart, { type: "Normal", reason: "Waiting", message }, log);
}

/** A change of what it says begins at once, whatever failed before. */
function stateOf(tracked: Map<string, Tracked>, { metadata }: Chart): Tracked {
  const uid = metadata.uid ?? "";
  const known = tracked.get(uid);
  if (known !== undefined && (known.running || known.generation === metadata.generation)) return known;
  const fresh = {
    generation: metadata.generation,
    running: false,
    dueAt: 0,
    waiting: "",
    soon: createBackoff(soon),
    gentle: createBackoff(gently),
  };
  tracked.set(uid, fresh);
  return fresh;
}

function forgetGone(tracked: Map<string, Tracked>, charts: readonly Chart[]): void {
  const uids = new Set(charts.map(({ metadata }) => metadata.uid));
  for (const [uid, { running }] of tracked) if (!running && !uids.has(uid)) tracked.delete(uid);
}
