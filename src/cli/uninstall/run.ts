// `k0s uninstall`: the opposite of `k0s install`; the node's data stay, see `k0s reset`.

import { isServiceRunning } from "../../host/service/running.ts";
import { uninstallService } from "../../host/service/uninstall.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { requireRoot } from "../core/require-root.ts";
import { serviceManager } from "../core/service-manager.ts";
import { serviceFor } from "../install/by-hand.ts";

export async function uninstall(
  { dataDir, force }: { readonly dataDir: string; readonly force: boolean },
  io: CliIo,
): Promise<void> {
  requireRoot(io);
  const manager = await serviceManager(io.signal);
  const { host } = manager;
  const service = await serviceFor("uninstall", manager, dataDir, io);
  if (await isServiceRunning(service, host))
    throw new UserError(`${service.name} runs`, { code: "service-runs", hint: "Stop it first: `k0s stop`." });
  await uninstallService(service, host, { force, signal: io.signal });
}
