// Charts of the cluster, as the leader has written how they are: for those who show them.

import { type Chart, chartKind, chartNamespace, isLeaving, madeRelease, wantedRelease } from "./chart.ts";
import { hasWork } from "./plan.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isNotFoundError } from "../../kube/errors.ts";
import { unlessAborted } from "../../std/wait.ts";

export interface KnownChart {
  /** Of the object. */
  readonly name: string;
  readonly phase: "Installed" | "Pending" | "Working" | "Failed" | "Removing";
  readonly namespace: string;
  readonly release: string;
  readonly version: string;
  readonly revision: number;
  readonly message: string;
}

/** By name; none in a cluster that has never had one. */
export async function knownCharts(
  client: Pick<KubeClient, "list">,
  signal: AbortSignal,
): Promise<readonly KnownChart[]> {
  try {
    const { items } = await client.list<Chart>(chartKind, { namespace: chartNamespace, signal });
    return items.map(knownChart).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } catch (err) {
    if (isNotFoundError(err)) return [];
    throw err;
  }
}

export function knownChart(chart: Chart): KnownChart {
  const { metadata, status = {} } = chart;
  const { name, namespace } = madeRelease(chart) ?? wantedRelease(chart);
  const message = status.error ?? "";
  return {
    name: metadata.name ?? "",
    phase: phaseOf(chart),
    namespace,
    release: name,
    version: status.version ?? "",
    revision: status.revision ?? 0,
    message,
  };
}

function phaseOf(chart: Chart): KnownChart["phase"] {
  const { status = {} } = chart;
  if (status.operation !== undefined) return isLeaving(chart) ? "Removing" : "Working";
  if ((status.error ?? "") !== "") return "Failed";
  if (isLeaving(chart)) return "Removing";
  return hasWork(chart) ? "Pending" : "Installed";
}

export function isChartWell({ phase }: KnownChart): boolean {
  return phase === "Installed" || phase === "Removing";
}

const answerMs = 30_000;

/** Of a moment ago, for those who are asked often: one request serves all who ask meanwhile and within `freshMs`. */
export function recentCharts(
  client: () => Promise<Pick<KubeClient, "list">>,
  freshMs = 5_000,
): (signal: AbortSignal) => Promise<readonly KnownChart[]> {
  let known: { readonly charts: readonly KnownChart[]; readonly until: number } | undefined;
  let asking: Promise<readonly KnownChart[]> | undefined;
  const ask = async (): Promise<readonly KnownChart[]> => {
    // Of nobody's signal: who gives up does not take the answer from the others.
    const charts = await knownCharts(await client(), AbortSignal.timeout(answerMs));
    known = { charts, until: performance.now() + freshMs };
    return charts;
  };
  return async (signal) => {
    if (known !== undefined && performance.now() < known.until) return known.charts;
    asking ??= ask().finally(() => (asking = undefined));
    return await unlessAborted(asking, signal);
  };
}
