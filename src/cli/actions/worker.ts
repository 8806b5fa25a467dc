// `k0s worker`: joining is not there yet, and says so.

import { UserError } from "../../std/errors.ts";
import type { Invocation } from "../command.ts";
import { workerOptions, type workerCommandFlags } from "../flags/node-options.ts";

export async function worker({ flags, args, io }: Invocation<typeof workerCommandFlags>): Promise<void> {
  workerOptions(flags, args, io);
  throw new UserError("this version of k0s cannot join a worker to a cluster yet", {
    code: "not-supported-yet",
    hint: "Run pods on the controller itself: k0s controller --single, or k0s controller --enable-worker.",
  });
}
