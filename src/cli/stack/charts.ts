// Helm charts beside the stacks: Charts of the cluster, as the leader has written how they are.

import {
  type Chart,
  chartKind,
  chartNamespace,
  isLeaving,
  madeRelease,
  wantedRelease,
} from "../../components/helm-extensions/chart.ts";
import { hasWork } from "../../components/helm-extensions/plan.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isNotFoundError } from "../../kube/errors.ts";
import { formatTable } from "../../std/text-table.ts";

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

/** Empty when there are none. */
export function chartText(charts: readonly KnownChart[]): string {
  if (charts.length === 0) return "";
  const rows = charts.map(({ name, phase, namespace, release, version, revision, message }) => [
    name,
    phase,
    `${namespace}/${release}`,
    version,
    revision === 0 ? "" : String(revision),
    message,
  ]);
  return `\n${formatTable(["CHART", "STATUS", "RELEASE", "VERSION", "REVISION", "MESSAGE"], rows)}`;
}
