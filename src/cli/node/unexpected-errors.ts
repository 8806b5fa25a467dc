// Errors that nothing has caught. The runtime would end the process, and with it every component of the node. For a
// supervisor that is worse than the failure, so they are logged with their stacks, and the node goes on.

import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";

/** Until the returned function is called. */
export function logUnexpectedErrors(log: Logger): () => void {
  const tell = (err: unknown): void => {
    log.error("An error that nobody expected: please report it", {
      err: errorMessage(err),
      stack: err instanceof Error ? err.stack : undefined,
    });
  };
  process.on("unhandledRejection", tell);
  process.on("uncaughtException", tell);
  return () => {
    process.off("unhandledRejection", tell);
    process.off("uncaughtException", tell);
  };
}
