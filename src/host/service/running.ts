// Whether the service runs, and how it is brought to its end.

import { formatDuration } from "../../std/duration.ts";
import { UserError } from "../../std/errors.ts";
import { inTime, pollUntil, type TimeoutError } from "../../std/wait.ts";
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
 * manager says that it is over; throws a UserError if that takes too long. False if there was nothing to stop.
 */
export async function endService(
  service: Omit<InstalledService, "text">,
  host: Pick<ServiceHost, "run">,
  { timeoutMs = 90_000, signal }: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const { init, name } = service;
  if (!(await isServiceRunning(service, host))) return false;
  const late = (cause: TimeoutError): UserError =>
    new UserError(`${init.title} did not stop ${name} within ${formatDuration(timeoutMs)}`, {
      code: "stop-timeout",
      hint: `Run \`${init.query(name).join(" ")}\` to see what it does.`,
      cause,
    });
  await inTime(command(init, host, init.stop(name)), late);
  await inTime(
    pollUntil(async () => !(await isServiceRunning(service, host)), {
      what: `${init.title} to stop ${name}`,
      intervalMs: 200,
      timeoutMs,
      signal,
    }),
    late,
  );
  return true;
}
