// Modules of the kernel without which the network of a cluster would work, but not as it was asked to: Calico goes on without
// encryption where the kernel has no WireGuard, and says so only in its log.

import { errorMessage, UserError } from "../../std/errors.ts";

/** Throws a UserError: a node that cannot keep the promise does not join. */
export async function loadNeededModules(
  modules: readonly string[],
  load: (name: string, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (const module of modules) {
    try {
      await load(module, signal);
    } catch (err) {
      signal.throwIfAborted();
      throw new UserError(
        `the network of this cluster needs the kernel module ${module}: ${errorMessage(err)}`,
        {
          hint: `Install a kernel that has ${module}, or change spec.network.calico on the controllers.`,
          code: "kernel-module-missing",
          cause: err,
        },
      );
    }
  }
}
