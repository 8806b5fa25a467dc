// A k0s that was started by hand holds the lock that the service would wait for.

import { nodePaths } from "../../product/paths.ts";
import type { ServiceHost } from "../../host/service/effects.ts";
import { isServiceRunning } from "../../host/service/running.ts";
import { type InstalledService, requireService } from "../../host/service/installed.ts";
import type { ProcessId } from "../../os/processes.ts";
import { runningK0s } from "../../status/owner.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import type { serviceManager } from "../core/service-manager.ts";

/** What is asked of the service. */
export type ServiceDeed = "start" | "restart" | "uninstall";

/** The service of this host; throws a UserError that says what to do where there is none, which depends on whether k0s runs. */
export async function serviceFor(
  deed: ServiceDeed,
  { init, host }: Awaited<ReturnType<typeof serviceManager>>,
  dataDir: string,
  io: Pick<CliIo, "root">,
): Promise<InstalledService> {
  const paths = nodePaths({ dataDir, root: io.root });
  return requireService(init, host, async () => hintWithoutService(deed, await runningK0s(paths)));
}

/** Undefined: to install it. */
export function hintWithoutService(
  deed: ServiceDeed,
  k0s: Pick<ProcessId, "pid"> | undefined,
): string | undefined {
  if (k0s === undefined) return deed === "uninstall" ? "There is nothing to remove." : undefined;
  const runs = `It was started by hand, and runs (pid ${k0s.pid}).`;
  const then = {
    start: "`k0s status` shows it.",
    restart: "End it with `k0s stop`, and start it again as it was started before.",
    uninstall: "There is nothing to remove; `k0s stop` ends it.",
  };
  return `${runs} ${then[deed]}`;
}

/** Throws a UserError if k0s runs on this host and not as the service. */
export async function assertNotByHand(
  service: InstalledService,
  host: Pick<ServiceHost, "run">,
  dataDir: string,
  io: Pick<CliIo, "root">,
): Promise<void> {
  if (await isServiceRunning(service, host)) return;
  const k0s = await runningK0s(nodePaths({ dataDir, root: io.root }));
  if (k0s === undefined) return;
  throw new UserError(`k0s runs already (pid ${k0s.pid}), but not as the service ${service.name}`, {
    code: "already-running",
    hint: "End it with `k0s stop`, then `k0s start`.",
  });
}
