// How a command asks the API server of its host: in time, and with an error in the words of users.

import { describeFailure } from "../../std/connection-failure.ts";
import { UserError } from "../../std/errors.ts";
import { boundedWait } from "./bounded-wait.ts";
import type { CliIo } from "./io.ts";

/** Does `ask` in time, and says it in the words of users when the server cannot be reached. */
export function askServer<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  io: Pick<CliIo, "err" | "signal">,
  totalMs?: number,
): Promise<T> {
  const what = "the API server of this host";
  const failed = (err: unknown): never => {
    if (err instanceof UserError) throw err;
    throw new UserError(`the API server does not answer: ${describeFailure(err)}`, {
      code: "api-unavailable",
      hint: "`k0s status` shows how far it is.",
      cause: err,
    });
  };
  return boundedWait(
    (signal) => ask(signal).catch(failed),
    { what, ...(totalMs === undefined ? {} : { totalMs }) },
    io,
  );
}
