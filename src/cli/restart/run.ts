// `k0s restart`: ends the service and starts it again; pods keep running.

import { restartService } from "../../host/service/install.ts";
import type { CliIo } from "../core/io.ts";
import { requireRoot } from "../core/require-root.ts";
import { serviceManager } from "../core/service-manager.ts";
import { assertNotByHand, serviceFor } from "../install/by-hand.ts";

export async function restart({ dataDir }: { readonly dataDir: string }, io: CliIo): Promise<void> {
  requireRoot(io);
  const manager = await serviceManager(io.signal);
  const { host } = manager;
  const service = await serviceFor("restart", manager, dataDir, io);
  await assertNotByHand(service, host, dataDir, io);
  await restartService(service, host, io.signal);
}
