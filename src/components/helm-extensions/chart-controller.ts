// Follows all Charts and has a few of them worked on at a time.

import type { KubeClient } from "../../kube/client.ts";
import { createInformer } from "../../kube/informer.ts";
import { type Backoff, createBackoff } from "../../std/backoff.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { WatchHealth } from "../../supervisor/leader-task.ts";
import { type Chart, chartKind, chartNamespace, isLeaving, wantedRelease } from "./chart.ts";
import { reportChart } from "./chart-event.ts";
import type { OtherHolder, Outcome } from "./chart-work.ts";
import { type ChartProgress, inOrder, waitsFor } from "./order.ts";
import { hasWork } from "./plan.ts";
import { referencedObjects } from "./referenced-objects.ts";
import { otherHolder } from "./release-holder.ts";

export interface ChartControllerOptions {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly watch: WatchHealth;
  /** Asked each time. */
  readonly concurrency: () => number;
  readonly work: (chart: Chart, otherHolder: OtherHolder, signal: AbortSignal) => Promise<Outcome>;
}

interface Tracked {
  /** Of the specification that it was worked on with. */
  generation: number | undefined;
  /** Of what it refers to, then. */
  mark: string;
  /** It is, or was, worked on; what is followed may not show that yet. */
  begun: boolean;
  /** The last look found nothing wrong. */
  looked: boolean;
  /** The last work with that specification failed. */
  failed: boolean;
  /** The Chart that its release belongs to. */
  holder: string;
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

  const holderOf: OtherHolder = (chart, release) =>
    otherHolder(
      chart,
      release,
      informer.items(),
      ({ metadata: { uid = "" } }) => tracked.get(uid)?.begun === true,
    );

  const stateNow = (chart: Chart): Tracked => {
    const holder = isLeaving(chart) ? "" : (holderOf(chart, wantedRelease(chart))?.metadata.name ?? "");
    return stateOf(tracked, chart, { mark: referenced.mark(chart), holder });
  };

  const begin = (chart: Chart, state: Tracked): void => {
    state.running = true;
    state.begun = state.holder === "";
    state.looked = true;
    state.generation = chart.metadata.generation;
    const ending = work(chart, holderOf, signal)
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
      const states = new Map(charts.map((chart) => [chart, stateNow(chart)]));
      const progress = progressOf(states);
      for (const [chart, state] of states) {
        if (state.running || !(hasWork(chart) || needsLook(chart, state))) continue;
        const other = waitsFor(chart, charts, progress)?.metadata.name ?? "";
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
  const referenced = referencedObjects({ client, log, watch, onChange: () => loop.ring() });
  watch(informer);
  watch(loop);
  const following = informer.run(signal);
  await informer.synced(signal);
  await Promise.all([following, referenced.run(signal), loop.run(signal)]);
  await Promise.allSettled(running);
}

/** What its `valuesFrom` hold, and whose its release is, no status tells. */
function needsLook({ spec = {}, ...chart }: Chart, { looked, holder }: Tracked): boolean {
  return !looked && !isLeaving(chart) && ((spec.valuesFrom ?? []).length > 0 || holder !== "");
}

function progressOf(states: ReadonlyMap<Chart, Tracked>): ChartProgress {
  return {
    failed(chart) {
      const state = states.get(chart);
      // While it is at work that is what it was begun with.
      return state?.failed === true && state.generation === chart.metadata.generation;
    },
    busy(chart) {
      const state = states.get(chart);
      return state !== undefined && (state.running || needsLook(chart, state));
    },
  };
}

function settle(state: Tracked, outcome: Outcome): void {
  const now = performance.now();
  state.failed = outcome.outcome === "failed";
  if (outcome.outcome === "failed") {
    state.looked = false;
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

/** A change of what it says, or of what that depends on, begins at once, whatever failed before. */
function stateOf(
  tracked: Map<string, Tracked>,
  { metadata }: Chart,
  around: Pick<Tracked, "mark" | "holder">,
): Tracked {
  const uid = metadata.uid ?? "";
  const known = tracked.get(uid);
  if (known?.running === true) return known;
  const same = known?.generation === metadata.generation;
  if (known !== undefined && same && known.mark === around.mark && known.holder === around.holder)
    return known;
  const fresh = {
    ...around,
    generation: metadata.generation,
    begun: same && known?.begun === true,
    looked: false,
    failed: false,
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
