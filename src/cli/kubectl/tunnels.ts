// kubectl's commands that the API server can only fulfil through a tunnel to the node. If one is down, kubectl runs as our
// child, so that its failure ("No agent available", a time-out) can be explained; otherwise nothing of k0s remains.

import { existsSync } from "node:fs";
import { tunnelProblems, type NodeTunnel } from "../../components/konnectivity/tunnels/report.ts";
import { queryTunnels } from "../../status/client.ts";
import type { BecomeOptions } from "../core/become.ts";
import type { CliIo } from "../core/io.ts";
import { runKubectl } from "../core/run-kubectl.ts";

const throughTunnels: ReadonlySet<string> = new Set([
  "attach",
  "cp",
  "debug",
  "exec",
  "logs",
  "port-forward",
  "run",
  "top",
]);

/** Longer than the answer takes; a k0s that hangs must not make kubectl hang. */
const askMs = 2_000;

/** What is wrong with the tunnels of this controller; empty where there are none or the command needs none. */
export async function tunnelTrouble(command: string | undefined, statusSocket: string): Promise<string[]> {
  if (command === undefined || !throughTunnels.has(command) || !existsSync(statusSocket)) return [];
  let tunnels: readonly NodeTunnel[];
  try {
    tunnels = await queryTunnels(statusSocket, AbortSignal.timeout(askMs));
  } catch {
    // No k0s there, or none that we may ask: kubectl then speaks for itself.
    return [];
  }
  return tunnelProblems(tunnels);
}

/** Runs kubectl and, if it fails, says what is wrong with the tunnels. Returns its exit code. */
export async function kubectlWithHint(
  program: string,
  call: BecomeOptions,
  trouble: readonly string[],
  io: Pick<CliIo, "err" | "signal">,
): Promise<number> {
  const code = await runKubectl(program, call, io);
  if (code !== 0 && !io.signal.aborted) {
    const shown = trouble.slice(0, 5).map((problem) => `  ${problem}\n`);
    const rest = trouble.length > 5 ? `  and ${trouble.length - 5} more: k0s status\n` : "";
    io.err(
      `k0s: not every node can be reached from this controller:\n${shown.join("")}${rest}` +
        "  logs, exec, attach, port-forward, cp, top and webhooks fail on such a node until its tunnel is back.\n",
    );
  }
  return code;
}
