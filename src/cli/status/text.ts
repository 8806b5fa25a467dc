// What `k0s status` shows to a person, on one screen: what is wrong first, then upstream's lines, then ours.
// Upstream: cmd/status/status.go.

import type { KnownChart } from "../../components/helm-extensions/known-charts.ts";
import type { NodeTunnel } from "../../components/konnectivity/tunnels/report.ts";
import type { ComponentReport, StatusReport } from "../../status/protocol.ts";
import { chartTable } from "../core/chart-table.ts";
import { formatAge, painter } from "../core/output.ts";

type Paint = ReturnType<typeof painter>;

export function statusText(
  report: StatusReport,
  { now, terminal }: { readonly now: number; readonly terminal: boolean },
): string {
  const paint = painter(terminal);
  const sections = [
    report.Problems.map((problem) => `${paint("red", "✖")} ${problem}`),
    factLines(report, now),
    report.Tunnels === undefined || report.Tunnels.length === 0 ? [] : tunnelLines(report.Tunnels, paint),
    chartLines(report.Charts ?? []),
    componentLines(report.Components, now, paint),
  ];
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function factLines(report: StatusReport, now: number): string[] {
  const connection = report.WorkerToAPIConnectionStatus;
  const lines = [
    `Version: ${report.Version}`,
    `Process ID: ${report.Pid}`,
    `Role: ${report.Role}`,
    `Workloads: ${report.Workloads}`,
    `SingleNode: ${report.SingleNode}`,
  ];
  if (report.Workloads) {
    lines.push(
      `Kube-api probing successful: ${connection.Success}`,
      `Kube-api probing last error:  ${connection.Message}`,
    );
  }
  if (report.SysInit !== "") lines.push(`Init System: ${report.SysInit}`);
  if (report.StubFile !== "") lines.push(`Service file: ${report.StubFile}`);
  lines.push(`Up: ${formatAge(now - Date.parse(report.StartedAt))}`);
  for (const [name, text] of Object.entries(report.Details)) lines.push(`${name}: ${text}`);
  return lines;
}

function chartLines(charts: readonly KnownChart[]): string[] {
  return charts.length === 0 ? [] : chartTable(charts).trimEnd().split("\n");
}

const shownTunnels = 12;

/** One line a node, those in trouble first. */
function tunnelLines(tunnels: readonly NodeTunnel[], paint: Paint): string[] {
  const well = tunnels.filter(({ missing }) => missing.length === 0);
  const title = `Tunnels: ${well.length} of ${tunnels.length} nodes connected to every controller`;
  const width = Math.max(...tunnels.map(({ node }) => node.length), 0);
  const markOf = ({ missing, nodeReady }: NodeTunnel): string => {
    if (missing.length === 0) return paint("green", "✔");
    // A node that is down has no tunnel, as expected.
    return nodeReady ? paint("red", "✖") : "–";
  };
  const lines = tunnels.slice(0, shownTunnels).map((tunnel) => {
    const { node, controllers, missing, nodeReady } = tunnel;
    const facts = [
      ...(nodeReady ? [] : ["node is not Ready"]),
      ...(controllers.length === 0 ? [] : [`to ${controllers.join(", ")}`]),
      ...(missing.length === 0 ? [] : [`none to ${missing.join(", ")}`]),
    ];
    return `${markOf(tunnel)} ${node.padEnd(width)}  ${facts.join("; ")}`;
  });
  const rest = tunnels.length - lines.length;
  return [title, ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

/** A line for each that is not well; those that are well follow each other. */
function componentLines(components: readonly ComponentReport[], now: number, paint: Paint): string[] {
  const isWell = ({ state }: ComponentReport): boolean => state === "ready" || state === "running";
  const since = (component: ComponentReport): string => formatAge(now - Date.parse(component.since));
  const again = ({ restarts }: ComponentReport): string =>
    restarts > 0 ? `, ${restarts} ${restarts === 1 ? "restart" : "restarts"}` : "";
  const ill = components.filter((component) => !isWell(component));
  const width = Math.max(...ill.map(({ name }) => name.length), 0);
  return [
    ...ill.map((one) => {
      const waiting = one.waitingFor === undefined ? "" : `, waits for ${one.waitingFor}`;
      return `${paint("red", "✖")} ${one.name.padEnd(width)}  ${one.state}, ${since(one)}${again(one)}${waiting}`;
    }),
    ...flow(
      components.filter(isWell).map((one) => `${one.name} ${since(one)}${again(one)}`),
      `${paint("green", "✔")} `,
    ),
  ];
}

const lineWidth = 96;

/** Items beside each other, as many as fit a line, each line with the mark in front. */
function flow(items: readonly string[], mark: string): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + item.length + 2 > lineWidth) lines.push(item);
    else lines[lines.length - 1] = `${last}  ${item}`;
  }
  return lines.map((line) => mark + line);
}
