// `k0s start`. Upstream: cmd/start.

import { startService } from "../../host/service/install.ts";
import type { CliIo } from "../core/io.ts";
import { requireRoot } from "../core/require-root.ts";
import { serviceManager } from "../core/service-manager.ts";
import { assertNotByHand, serviceFor } from "../install/by-hand.ts";

export async function start({ dataDir }: { readonly dataDir: string }, io: CliIo): Promise<void> {
  requireRoot(io);
  const manager = await serviceManager(io.signal);
  const { host } = manager;
  const service = await serviceFor("start", manager, dataDir, io);
  await assertNotByHand(service, host, dataDir, io);
  await startService(service, host, io.signal);
}
