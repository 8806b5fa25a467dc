// `k0s status` and `k0s status components`. Upstream: cmd/status/status.go.

import { existsSync } from "node:fs";
import { nodePaths } from "../../product/paths.ts";
import { queryComponents, queryStatus } from "../../status/client.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { printJson, printYaml } from "../core/output.ts";
import type { StatusReport } from "../../status/protocol.ts";
import { statusText } from "./text.ts";

type Io = Pick<CliIo, "out" | "err" | "signal" | "terminal" | "root">;

export async function status(flags: { statusSocket: string; out: string }, io: Io): Promise<number> {
  const report = await queryOrExplain(flags.statusSocket, io);
  const shown = { ...report, Output: flags.out };
  if (flags.out === "json") printJson(io, shown);
  else if (flags.out === "yaml") printYaml(io, shown);
  else io.out(statusText(report, { now: Date.now(), terminal: io.terminal.stdout }));
  return exitCode(report, flags.out);
}

/** Only where nobody answers root, the service manager is asked why. */
async function queryOrExplain(flag: string, io: Io): Promise<StatusReport> {
  try {
    return await queryStatus(await socketPath(flag, io), io.signal);
  } catch (err) {
    if (!io.root || flag !== "" || !(err instanceof UserError) || err.code !== "not-running") throw err;
    const [{ observeService }, { withService }] = await Promise.all([
      import("../../host/doctor/observe-service.ts"),
      import("./not-running.ts"),
    ]);
    throw withService(err, await observeService(io.signal));
  }
}

/** Who reads the data finds `Healthy` in it; k0sctl takes any code but 0 for "k0s does not run", and installs. ADR 58. */
function exitCode({ Healthy }: StatusReport, format: string): number {
  return Healthy || format !== "" ? 0 : 1;
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

/** The default socket is tried before the running k0s' configuration is looked at: it is nearly always there. */
async function socketPath(flag: string, io: Io): Promise<string> {
  const { statusSocket } = nodePaths({ statusSocket: flag, root: io.root });
  if (flag !== "" || existsSync(statusSocket)) return statusSocket;
  const { livePaths } = await import("../core/live-paths.ts");
  return (await livePaths({}, io)).statusSocket;
}
