// Whether the service runs, and how it is brought to its end.

import { pollUntil } from "../../std/wait.ts";
import type { ServiceHost } from "./effects.ts";
import { command, type InstalledService } from "./installed.ts";

export async function isServiceRunning(
  { init, name }: Omit<InstalledService, "text">,
  host: Pick<ServiceHost, "run">,
): Promise<boolean> {
  return init.isRunning(await host.run(init.query(name)));
}

/**
 * Stops the service if it runs or is about to: between two attempts to start it nobody holds k0s' lock. Returns when the
 * manager says that it is over. False if there was nothing to stop.
 */
export async function endService(
  service: Omit<InstalledService, "text">,
  host: Pick<ServiceHost, "run">,
  { timeoutMs = 90_000, signal }: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const { init, name } = service;
  if (!(await isServiceRunning(service, host))) return false;
  await command(init, host, init.stop(name));
  await pollUntil(async () => !(await isServiceRunning(service, host)), {
    what: `${init.title} to stop ${name}`,
    intervalMs: 200,
    timeoutMs,
    signal,
  });
  return true;
}
