// A k0s that was started by hand holds the lock that the service would wait for.

import { nodePaths } from "../../product/paths.ts";
import type { ServiceHost } from "../../host/service/effects.ts";
import { isServiceRunning } from "../../host/service/running.ts";
import type { InstalledService } from "../../host/service/installed.ts";
import { runningK0s } from "../../status/owner.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";

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
