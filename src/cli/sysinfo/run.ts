// `k0s sysinfo`: what is wrong with this host and what to do, or all checks as data. Upstream: cmd/sysinfo/sysinfo.go.

import { configWarnings, warningText } from "../../config/warnings.ts";
import { checkHost } from "../../host/sysinfo/checks.ts";
import { networksOf } from "../../host/sysinfo/cluster-networks.ts";
import { hasFailed, type ProbeReport } from "../../host/sysinfo/probe.ts";
import { thisHost } from "../../host/sysinfo/this-host.ts";
import { nodePaths, type NodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { painter, printJson, printYaml } from "../core/output.ts";
import { configOfHost } from "./config-of-host.ts";
import { expectedPorts } from "./expected-ports.ts";
import { findingsText, reportLine, summary } from "./text.ts";

export interface SysinfoFlags {
  readonly controller: boolean;
  readonly worker: boolean;
  readonly dataDir: string;
  readonly output: string;
  readonly verbose: boolean;
  readonly debug: boolean;
}

export async function sysinfo(
  flags: SysinfoFlags,
  io: Pick<CliIo, "out" | "terminal" | "signal" | "root">,
): Promise<void> {
  const { controller, worker } = flags;
  const roles = { controller, worker };
  const paths = nodePaths({ dataDir: flags.dataDir, root: io.root });
  const paint = painter(io.terminal.stdout);
  const text = flags.output === "text";
  const everything = text && (flags.verbose || flags.debug);
  const reports = await reportsOfHost(paths, roles, io, (report) => {
    if (everything) io.out(reportLine(report, paint));
  });
  if (text)
    io.out(`${findingsText(reports, paint, { repeated: everything })}${summary(reports, roles, io)}\n`);
  if (flags.output === "json") printJson(io, reports.map(asData), 2);
  if (flags.output === "yaml") printYaml(io, reports.map(asData));
  if (reports.some(hasFailed)) {
    throw new UserError("sysinfo failed", {
      code: "sysinfo",
      hint: "What is rejected above must be put right before k0s can run here.",
    });
  }
}

/** All probes of this host. */
export async function reportsOfHost(
  paths: NodePaths,
  roles: Pick<SysinfoFlags, "controller" | "worker">,
  io: Pick<CliIo, "signal" | "root">,
  onReport?: (report: ProbeReport) => void,
): Promise<readonly ProbeReport[]> {
  const { config, known, problem } = await configOfHost(paths, io);
  return checkHost(
    {
      ...roles,
      dataDir: paths.dataDir,
      networks: { ...networksOf(config), ...(known ? {} : { provider: undefined }) },
      informative: {
        ports: expectedPorts(config, roles),
        configuration: { problem, warnings: configWarnings(config).map(warningText) },
      },
    },
    thisHost(paths, io.signal),
    onReport,
  );
}

/** Upstream's fields, and ours behind them; its errors come out as empty objects, ours say what happened. */
export function asData(report: ProbeReport): Record<string, unknown> {
  return { ...report, error: report.error === null ? null : { message: report.error.message } };
}
