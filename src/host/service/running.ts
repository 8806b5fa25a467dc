// Whether the service runs, and how it is brought to its end.

import { formatDuration } from "../../std/duration.ts";
import { UserError } from "../../std/errors.ts";
import { inTime, pollUntil, type TimeoutError } from "../../std/wait.ts";
import type { HostCommand } from "./definition.ts";
import type { CommandLimit, ServiceHost } from "./effects.ts";
import { command, type InstalledService } from "./installed.ts";

export async function isServiceRunning(
  { init, name }: Omit<InstalledService, "text">,
  host: Pick<ServiceHost, "run">,
  limit?: CommandLimit,
): Promise<boolean> {
  return init.isRunning(await host.run(init.query(name), limit));
}

/** k0s has 90 s for its end, and a slow host's manager needs time of its own. */
const patienceMs = 180_000;

/**
 * Stops the service if it runs or is about to: between two attempts to start it nobody holds k0s' lock. Returns when the
 * manager says that it is over; throws a UserError if all of that takes longer than `timeoutMs`. False if there was nothing
 * to stop.
 */
export async function endService(
  service: Omit<InstalledService, "text">,
  host: Pick<ServiceHost, "run">,
  { timeoutMs = patienceMs, signal }: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const { init, name } = service;
  const deadline = performance.now() + timeoutMs;
  const left = (): number => Math.max(1, Math.ceil(deadline - performance.now()));
  const within = formatDuration(timeoutMs);
  const late =
    (what: string) =>
    (cause: TimeoutError): UserError =>
      new UserError(what, {
        code: "stop-timeout",
        hint: `Run \`${init.query(name).join(" ")}\` to see what it does.`,
        cause,
      });
  const runs = (): Promise<boolean> => isServiceRunning(service, host, { timeoutMs: left() });
  if (!(await inTime(runs(), late(`${init.title} did not say within ${within} whether ${name} runs`))))
    return false;
  const notStopped = late(`${init.title} did not stop ${name} within ${within}`);
  const inTheRest = { run: (words: HostCommand) => host.run(words, { timeoutMs: left() }) };
  await inTime(command(init, inTheRest, init.stop(name)), notStopped);
  await inTime(
    pollUntil(async () => !(await runs()), {
      what: `${init.title} to stop ${name}`,
      intervalMs: 200,
      timeoutMs: left(),
      signal,
    }),
    notStopped,
  );
  return true;
}
