// Which process is the k0s of a run directory: the one that holds the lock of the runtime configuration, and nobody else.

import type { NodePaths } from "../product/paths.ts";
import { isLocked } from "../os/flock.ts";
import { lockHolder } from "../os/lock-holder.ts";
import type { ProcessId } from "../os/processes.ts";
import { UserError } from "../std/errors.ts";

/** Undefined when no k0s runs there. Throws a UserError when one does and its process cannot be seen from here. */
export async function runningK0s({ runtimeConfigLock }: NodePaths): Promise<ProcessId | undefined> {
  const holder = await lockHolder(runtimeConfigLock);
  if (holder !== undefined || !isLocked(runtimeConfigLock)) return holder;
  throw new UserError(`${runtimeConfigLock} is locked by a process that is not visible here`, {
    code: "owner-not-visible",
    hint: "Does k0s run in another container or PID namespace? Stop it there.",
  });
}
