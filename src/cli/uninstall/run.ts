// `k0s uninstall`: the opposite of `k0s install`; the node's data stay, see `k0s reset`.

import { isServiceRunning } from "../../host/service/running.ts";
import { uninstallService } from "../../host/service/uninstall.ts";
import { requireService } from "../../host/service/installed.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { requireRoot } from "../core/require-root.ts";
import { serviceManager } from "../core/service-manager.ts";

export async function uninstall({ force }: { readonly force: boolean }, io: CliIo): Promise<void> {
  requireRoot(io);
  const { init, host } = await serviceManager(io.signal);
  const service = await requireService(init, host);
  if (await isServiceRunning(service, host))
    throw new UserError(`${service.name} runs`, { code: "service-runs", hint: "Stop it first: `k0s stop`." });
  await uninstallService(service, host, { force, signal: io.signal });
}
