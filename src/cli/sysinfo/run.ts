// `k0s sysinfo`: the checks as text while they run, or as data. Upstream: cmd/sysinfo/sysinfo.go.

import { resolve } from "node:path";
import { checkHost } from "../../host/sysinfo/checks.ts";
import { hasFailed, type ProbeReport } from "../../host/sysinfo/probe.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { painter, printJson, printYaml } from "../core/output.ts";

export interface SysinfoFlags {
  readonly controller: boolean;
  readonly worker: boolean;
  readonly dataDir: string;
  readonly output: string;
}

export async function sysinfo(flags: SysinfoFlags, io: Pick<CliIo, "out" | "terminal">): Promise<void> {
  const { controller, worker } = flags;
  const paint = painter(io.terminal.stdout);
  const show =
    flags.output === "text" ? (report: ProbeReport) => io.out(reportLine(report, paint)) : () => undefined;
  const reports = await checkHost(
    { controller, worker, dataDir: resolve(flags.dataDir), informative: true },
    show,
  );
  if (flags.output === "json") printJson(io, reports.map(asData), 2);
  if (flags.output === "yaml") printYaml(io, reports.map(asData));
  if (reports.some(hasFailed)) {
    throw new UserError("sysinfo failed", {
      code: "sysinfo",
      hint: "What is rejected above must be mended before k0s can run here.",
    });
  }
}

/** `<display name>: <property> (pass)`, indented by nesting. */
export function reportLine(report: ProbeReport, paint: ReturnType<typeof painter>): string {
  const indent = "  ".repeat(report.path.length - 1);
  const head = `${indent}${report.displayName}: `;
  if (report.category === "error") return `${head}${paint("red", `error: ${report.error?.message ?? ""}`)}\n`;
  const colour = { pass: "green", warning: "yellow", rejected: "red" } as const;
  const message = report.message === "" ? "" : `: ${report.message}`;
  const verdict = paint(colour[report.category], `(${report.category}${message})`);
  return `${head}${report.prop === "" ? "" : `${report.prop} `}${verdict}\n`;
}

/** Upstream's fields; its errors come out as empty objects, ours say what happened. */
function asData(report: ProbeReport): Record<string, unknown> {
  return { ...report, error: report.error === null ? null : { message: report.error.message } };
}
