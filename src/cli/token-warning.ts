// A token that never expires is a key to the cluster for ever; whoever makes one is told.

import type { CliIo } from "./io.ts";

export function warnOfEndlessToken(io: Pick<CliIo, "err">): void {
  io.err(
    "WARNING: this token never expires. Whoever has it can join the cluster until it is removed with `k0s token invalidate`.\n",
  );
}
