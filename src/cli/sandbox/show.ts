// `k0s sandbox list` and `k0s sandbox status`.

import { listSandboxes, reportSandbox, type SandboxReport } from "../../sandbox/list-sandboxes.ts";
import { Machine } from "../../sandbox/machine.ts";
import { askNode, type NodeStatus } from "../../sandbox/node-status.ts";
import { removeStaleSandboxes } from "../../sandbox/remove-sandbox.ts";
import type { SandboxState } from "../../sandbox/sandbox-state.ts";
import { formatTable } from "../../std/text-table.ts";
import { errorText } from "../core/error-text.ts";
import type { CliIo } from "../core/io.ts";
import { formatAge, printJson } from "../core/output.ts";
import { requireRoot } from "../core/require-root.ts";
import { pickSandbox } from "./pick.ts";

export async function sandboxList(flags: { readonly output: string }, io: CliIo): Promise<number> {
  requireRoot(io);
  for (const name of await removeStaleSandboxes(io.signal)) io.err(`removed what was left of ${name}\n`);
  const { reports, unusable } = await listSandboxes();
  if (flags.output === "json") printJson(io, reports);
  else if (reports.length > 0) io.out(tableOf(reports));
  else if (unusable.length === 0) io.err("No sandboxes. Make one: k0s sandbox create\n");
  for (const error of unusable) io.err(errorText(error));
  return unusable.length === 0 ? 0 : 1;
}

function tableOf(reports: readonly SandboxReport[]): string {
  const rows = reports.map((report) => [
    report.name,
    report.state,
    String(report.machines.length),
    formatAge(Date.now() - Date.parse(report.createdAt)),
  ]);
  return formatTable(["NAME", "STATE", "MACHINES", "AGE"], rows);
}

/** What the k0s of each machine says about itself; undefined where none answers. */
export type NodeStatuses = ReadonlyMap<string, NodeStatus | undefined>;

export async function sandboxStatus(
  flags: { readonly output: string },
  name: string | undefined,
  io: CliIo,
): Promise<number> {
  requireRoot(io);
  const state = await pickSandbox(name);
  const report = await reportSandbox(state);
  const nodes = await askNodes(state, io.signal);
  const answers = [...nodes.values()];
  const healthy =
    report.state === "running" && answers.length > 0 && answers.every((node) => node?.Healthy === true);
  if (flags.output === "json") printJson(io, { ...report, healthy, nodes: Object.fromEntries(nodes) });
  else io.out(statusText(report, nodes));
  return healthy ? 0 : 1;
}

export function statusText(report: SandboxReport, nodes: NodeStatuses): string {
  const lines = [`Sandbox   ${report.name}, ${report.state}`];
  for (const machine of report.machines) {
    const node = nodes.get(machine.name);
    const runs = machine.running ? "runs" : "does not run";
    lines.push(
      `Machine   ${machine.name} ${machine.address} ${runs}${node === undefined ? "" : `, ${nodeText(node)}`}`,
    );
    for (const problem of node?.Problems ?? []) lines.push(`  ✖ ${problem}`);
  }
  return `${lines.join("\n")}\n`;
}

function nodeText({ Role, Version, Workloads, Healthy }: NodeStatus): string {
  const role = Role === "controller" && Workloads ? "controller that runs pods" : Role;
  return `${role} ${Version}, ${Healthy ? "all is well" : "something is wrong"}`;
}

async function askNodes(state: SandboxState, signal: AbortSignal): Promise<NodeStatuses> {
  return new Map(
    await Promise.all(
      state.machines.map(async (record) => {
        const machine = new Machine(state.name, record);
        const node = (await machine.running()) ? await askNode(machine, signal) : undefined;
        return [record.name, node] as const;
      }),
    ),
  );
}
