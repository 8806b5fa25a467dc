// Warnings about tokens that more people have, or for longer, than it seems.

import type { Logger } from "../../std/log.ts";
import type { JoinTokenSource } from "../../token/read-token.ts";
import type { CliIo } from "../core/io.ts";

export function warnOfEndlessToken(io: Pick<CliIo, "err">): void {
  io.err(
    "WARNING: this token never expires. Whoever has it can join the cluster until it is removed with `k0s token invalidate`.\n",
  );
}

/** Arguments of a process can be read by every user of its host, for as long as it runs. */
export function warnOfVisibleToken(source: JoinTokenSource | undefined, log: Logger): void {
  if (source?.kind === "value" && source.from === "argument")
    log.warn("Every user of this host can read the join token on the command line: use --token-file");
}
