// The service manager of this host, for the commands that ask it.

import type { InitSystem } from "../../host/service/definition.ts";
import { detectInitSystem, thisHost } from "../../host/service/detect.ts";
import { type ServiceHost, thisServiceHost } from "../../host/service/effects.ts";

export async function serviceManager(
  signal: AbortSignal,
): Promise<{ readonly init: InitSystem | undefined; readonly host: ServiceHost }> {
  return { init: await detectInitSystem(await thisHost()), host: thisServiceHost(signal) };
}
