// `k0s status` and `k0s status components`. Upstream's lines come first, so that scripts find them. Reference §1.6.

import { existsSync } from "node:fs";
import { nodePaths } from "../../config/paths.ts";
import { queryComponents, queryStatus } from "../../node/status.ts";
import type { NodeTunnel } from "../../controller/tunnel-report.ts";
import type { ComponentReport, StatusReport } from "../../node/status-report.ts";
import type { CliIo } from "../io.ts";
import { formatAge, painter, printJson, printYaml } from "../output.ts";

type Io = Pick<CliIo, "out" | "err" | "signal" | "terminal" | "root">;

export async function status(flags: { statusSocket: string; out: string }, io: Io): Promise<number> {
  const report = await queryStatus(await socketPath(flags.statusSocket, io), io.signal);
  const shown = { ...report, Output: flags.out };
  if (flags.out === "json") printJson(io, shown);
  else if (flags.out === "yaml") printYaml(io, shown);
  else io.out(statusText(report, { now: Date.now(), terminal: io.terminal.stdout }));
  return report.Healthy ? 0 : 1;
}

export async function statusComponents(
  flags: { statusSocket: string; maxCount: number },
  io: Io,
): Promise<void> {
  const report = await queryComponents(await socketPath(flags.statusSocket, io), flags.maxCount, io.signal);
  io.err("WARNING: the information is incomplete: only some components report probes and events\n");
  printYaml(io, report);
  io.out("\n");
}

/** Upstream's lines, then what is wrong, then ours. */
export function statusText(
  report: StatusReport,
  { now, terminal }: { now: number; terminal: boolean },
): string {
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

  const paint = painter(terminal);
  if (report.Problems.length > 0)
    lines.push("", ...report.Problems.map((problem) => `${paint("red", "✖")} ${problem}`));
  if (report.Tunnels !== undefined && report.Tunnels.length > 0)
    lines.push("", ...tunnelLines(report.Tunnels, paint));
  if (report.Components.length > 0) lines.push("", ...componentTable(report.Components, now, paint));
  return `${lines.join("\n")}\n`;
}

/** One line a node, those in trouble first; of the others only so many as fit a screen. */
function tunnelLines(tunnels: readonly NodeTunnel[], paint: ReturnType<typeof painter>): string[] {
  const well = tunnels.filter(({ missing }) => missing.length === 0);
  const title = `Tunnels: ${well.length} of ${tunnels.length} nodes connected to every controller`;
  const width = Math.max(...tunnels.map(({ node }) => node.length), 0);
  const shown = Math.max(tunnels.length - well.length, 10);
  const lines = tunnels.slice(0, shown).map(({ node, controllers, missing }) => {
    const mark = missing.length === 0 ? paint("green", "✔") : paint("red", "✖");
    const facts = [
      ...(controllers.length === 0 ? [] : [`to ${controllers.join(", ")}`]),
      ...(missing.length === 0 ? [] : [`none to ${missing.join(", ")}`]),
    ];
    return `${mark} ${node.padEnd(width)}  ${facts.join("; ")}`;
  });
  const rest = tunnels.length - lines.length;
  return [title, ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function componentTable(
  components: readonly ComponentReport[],
  now: number,
  paint: ReturnType<typeof painter>,
): string[] {
  const width = Math.max(...components.map((component) => component.name.length));
  return components.map((component) => {
    const well = component.state === "ready" || component.state === "running";
    const mark = well ? paint("green", "✔") : paint("red", "✖");
    const facts = [component.state, formatAge(now - Date.parse(component.since))];
    if (component.pid !== undefined) facts.push(`pid ${component.pid}`);
    if (component.restarts > 0) facts.push(`${component.restarts} restarts`);
    return `${mark} ${component.name.padEnd(width)}  ${facts.join(", ")}`;
  });
}

/** The default socket is tried before the running k0s' configuration is looked at: it is nearly always there. */
async function socketPath(flag: string, io: Io): Promise<string> {
  const { statusSocket } = nodePaths({ statusSocket: flag, root: io.root });
  if (flag !== "" || existsSync(statusSocket)) return statusSocket;
  const { livePaths } = await import("../live-paths.ts");
  return (await livePaths({}, io)).statusSocket;
}
