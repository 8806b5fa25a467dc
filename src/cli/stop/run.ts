// `k0s stop`: ends the k0s that runs on this host and waits for it. Upstream: cmd/stop/stop.go.

import type { InitSystem } from "../../host/service/definition.ts";
import type { ServiceHost } from "../../host/service/effects.ts";
import { installedService } from "../../host/service/installed.ts";
import { endService } from "../../host/service/running.ts";
import type { NodePaths } from "../../product/paths.ts";
import type { ComponentReport } from "../../status/protocol.ts";
import { queryStatus } from "../../status/client.ts";
import { runningK0s } from "../../status/owner.ts";
import { type ProcessId, signalProcess, waitForExit } from "../../os/processes.ts";
import { askManager, serviceOf, stopService, untilStopped } from "../../os/service-manager.ts";
import { unendingProcess } from "../../os/unending-process.ts";
import { UserError } from "../../std/errors.ts";
import { leftProcesses } from "../../supervisor/left-over.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { formatSeconds } from "../core/output.ts";
import { requireRoot } from "../core/require-root.ts";
import { serviceManager } from "../core/service-manager.ts";

export interface StopFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly timeout: number;
}

export async function stop(flags: StopFlags, io: CliIo): Promise<void> {
  requireRoot(io);
  const paths = await livePaths(flags, io);
  const k0s = await runningK0s(paths);
  if (k0s === undefined) {
    const { init, host } = await serviceManager(io.signal);
    io.out(await stopBetweenStarts(init, host, { paths, timeoutMs: flags.timeout, signal: io.signal }));
    return;
  }
  const started = performance.now();
  const service = await serviceOf(k0s, io.signal);
  if (service === undefined) await signalProcess(k0s, "SIGTERM");
  else await stopService(service, { timeoutMs: flags.timeout, signal: io.signal });
  if (!(await waitAloud(k0s, paths, flags.timeout, io))) {
    throw new UserError(`k0s (pid ${k0s.pid}) did not end within ${formatSeconds(flags.timeout)}`, {
      code: "stop-timeout",
      hint: `Wait longer with --timeout, or end it with kill -9 ${k0s.pid}: the next start mends what that leaves.`,
    });
  }
  if (service !== undefined)
    await untilStopped(service, askManager(io.signal), { timeoutMs: flags.timeout, signal: io.signal });
  await assertNothingLeft(paths);
  const by = service === undefined ? "" : ` by ${service.manager} (${service.name})`;
  io.out(`k0s (pid ${k0s.pid}) stopped${by} in ${formatSeconds(performance.now() - started)}\n`);
}

/**
 * Nobody holds k0s' lock: a service that cannot start pauses between two attempts, and would go on with them for ever.
 * Returns what to say; throws a UserError if there is nothing to stop.
 */
export async function stopBetweenStarts(
  init: InitSystem | undefined,
  host: Pick<ServiceHost, "read" | "run">,
  options: {
    readonly paths: Pick<NodePaths, "runDir">;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const service = init === undefined ? undefined : await installedService(init, host);
  if (service !== undefined && (await endService(service, host, options)))
    return `${service.name} stopped by ${service.init.title}: it was about to start k0s again\n`;
  throw new UserError("already stopped", {
    code: "already-stopped",
    hint: `No k0s runs in ${options.paths.runDir}.`,
  });
}

/** A longer wait than this is reported. */
const sayEveryMs = 10_000;

/** What is said beside must not make it longer. */
const asideMs = 2_000;

/** False if it takes longer than `timeoutMs`. */
async function waitAloud(k0s: ProcessId, paths: NodePaths, timeoutMs: number, io: CliIo): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = deadline - performance.now();
    if (await waitForExit(k0s, Math.min(Math.max(left, 0), sayEveryMs), io.signal)) return true;
    if (left <= sayEveryMs) return false;
    io.err(`k0s (pid ${k0s.pid}) is still stopping${await whatIsStopping(paths, io)}\n`);
  }
}

async function whatIsStopping({ statusSocket }: NodePaths, io: CliIo): Promise<string> {
  try {
    return stoppingText((await queryStatus(statusSocket, io.signal, asideMs)).Components);
  } catch {
    // It is about to end, and closes its socket before that; or it is stuck, which the time-out will show.
    io.signal.throwIfAborted();
    return "";
  }
}

/** `: kubelet (pid 12)` */
export function stoppingText(components: readonly Pick<ComponentReport, "name" | "state" | "pid">[]): string {
  const stopping = components
    .filter(({ state }) => state === "stopping")
    .map(({ name, pid }) => (pid === undefined ? name : `${name} (pid ${pid})`));
  return stopping.length === 0 ? "" : `: ${stopping.join(", ")}`;
}

/** k0s has ended; what it could not end is still there. */
async function assertNothingLeft(paths: NodePaths): Promise<void> {
  const [left] = await leftProcesses(paths.runDir);
  // A service manager may have started it again.
  if (left === undefined || (await runningK0s(paths)) !== undefined) return;
  throw await unendingProcess(`k0s stopped, but ${left.name}`, left.pid);
}
