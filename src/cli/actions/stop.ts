// `k0s stop`: ends the k0s that runs on this host and waits for it. Reference §1.7.

import { runningK0s } from "../../node/status-owner.ts";
import { signalProcess, waitForExit } from "../../os/processes.ts";
import { serviceOf, stopService } from "../../os/service-manager.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../io.ts";
import { livePaths } from "../live-paths.ts";
import { formatSeconds } from "../output.ts";
import { requireRoot } from "../require-root.ts";

export interface StopFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly timeout: number;
}

export async function stop(flags: StopFlags, io: CliIo): Promise<void> {
  requireRoot(io);
  const paths = await livePaths(flags, io);
  const k0s = await runningK0s(paths);
  if (k0s === undefined)
    throw new UserError("already stopped", {
      code: "already-stopped",
      hint: `No k0s runs in ${paths.runDir}.`,
    });
  const started = performance.now();
  const service = await serviceOf(k0s, io.signal);
  if (service === undefined) await signalProcess(k0s, "SIGTERM");
  else await stopService(service, { timeoutMs: flags.timeout, signal: io.signal });
  if (!(await waitForExit(k0s, flags.timeout, io.signal))) {
    throw new UserError(`k0s (pid ${k0s.pid}) did not end within ${formatSeconds(flags.timeout)}`, {
      code: "stop-timeout",
      hint: `Wait longer with --timeout, or end it with kill -9 ${k0s.pid}: the next start mends what that leaves.`,
    });
  }
  const by = service === undefined ? "" : ` by ${service.manager} (${service.name})`;
  io.out(`k0s (pid ${k0s.pid}) stopped${by} in ${formatSeconds(performance.now() - started)}\n`);
}
