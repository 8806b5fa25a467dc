// `k0s sandbox list` and `k0s sandbox status`.

import { listSandboxes, reportSandbox, type SandboxReport } from "../sandbox/list-sandboxes.ts";
import { Machine } from "../sandbox/machine.ts";
import { removeStaleSandboxes } from "../sandbox/remove-sandbox.ts";
import type { SandboxState } from "../sandbox/sandbox-state.ts";
import { formatTable } from "../std/text-table.ts";
import type { CliIo } from "./io.ts";
import { formatAge, printJson } from "./output.ts";
import { requireRoot } from "./require-root.ts";
import { pickSandbox } from "./sandbox-pick.ts";

export async function sandboxList(flags: { readonly output: string }, io: CliIo): Promise<void> {
  requireRoot(io);
  for (const name of await removeStaleSandboxes(io.signal)) io.err(`removed what was left of ${name}\n`);
  const reports = await listSandboxes();
  if (flags.output === "json") return printJson(io, reports);
  if (reports.length === 0) return io.err("No sandboxes. Make one: k0s sandbox create\n");
  const rows = reports.map((report) => [
    report.name,
    report.state,
    String(report.machines.length),
    formatAge(Date.now() - Date.parse(report.createdAt)),
  ]);
  io.out(formatTable(["NAME", "STATE", "MACHINES", "AGE"], rows));
}

interface NodeStatus {
  readonly Healthy: boolean;
  readonly Version: string;
  readonly Problems: readonly string[];
}

export async function sandboxStatus(
  flags: { readonly output: string },
  name: string | undefined,
  io: CliIo,
): Promise<number> {
  requireRoot(io);
  const state = await pickSandbox(name);
  const report = await reportSandbox(state);
  const node = await askNode(state, io.signal);
  const healthy = report.state === "running" && node?.Healthy === true;
  if (flags.output === "json") printJson(io, { ...report, healthy, node });
  else io.out(statusText(report, node));
  return healthy ? 0 : 1;
}

export function statusText(report: SandboxReport, node: NodeStatus | undefined): string {
  const lines = [`Sandbox   ${report.name}, ${report.state}`];
  for (const machine of report.machines) {
    lines.push(`Machine   ${machine.name} ${machine.address} ${machine.running ? "runs" : "does not run"}`);
  }
  if (node !== undefined)
    lines.push(`Cluster   ${node.Version}, ${node.Healthy ? "all is well" : "something is wrong"}`);
  for (const problem of node?.Problems ?? []) lines.push(`  ✖ ${problem}`);
  return `${lines.join("\n")}\n`;
}

/** What the cluster's k0s says about itself; undefined when it does not answer. */
async function askNode(state: SandboxState, signal: AbortSignal): Promise<NodeStatus | undefined> {
  const record = state.machines.find((one) => one.name === state.cluster?.machine);
  if (record?.init === undefined) return undefined;
  const machine = new Machine(state.name, record);
  if (!(await machine.running())) return undefined;
  const { stdout } = await machine.exec(["k0s", "status", "-o", "json"], { timeoutMs: 15_000, signal });
  return stdout.startsWith("{") ? (JSON.parse(stdout) as NodeStatus) : undefined;
}
