// Helm charts as a table: beside the stacks, and in the status of a controller.

import type { KnownChart } from "../../components/helm-extensions/known-charts.ts";
import { formatTable } from "../../std/text-table.ts";

/** Empty when there are none. */
export function chartTable(charts: readonly KnownChart[]): string {
  if (charts.length === 0) return "";
  const rows = charts.map(({ name, phase, namespace, release, version, revision, message }) => [
    name,
    phase,
    `${namespace}/${release}`,
    version,
    revision === 0 ? "" : String(revision),
    message,
  ]);
  return formatTable(["CHART", "STATUS", "RELEASE", "VERSION", "REVISION", "MESSAGE"], rows);
}

/** The same below something else. */
export function chartText(charts: readonly KnownChart[]): string {
  return charts.length === 0 ? "" : `\n${chartTable(charts)}`;
}
