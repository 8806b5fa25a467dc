// Becomes another program: same pid, same terminal, nothing of k0s left in memory.

import { constants } from "node:os";
import { cleanEnvironment } from "../../os/exec.ts";
import { libc } from "../../os/libc.ts";

export interface BecomeOptions {
  readonly argv0: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Does not return. */
export function become(program: string, { argv0, args, env }: BecomeOptions): never {
  if (process.execve === undefined) throw new Error("this system has no exec");
  const defaultAction = 0;
  // Our runtime ignores them, and ignored signals survive exec: `k0s kubectl get pods | head` would end with an error.
  for (const signal of [constants.signals.SIGPIPE, constants.signals.SIGXFSZ])
    libc().signal(signal, defaultAction);
  process.execve(program, [argv0, ...args], withoutLauncher(cleanEnvironment(env)));
  throw new Error(`${program} did not start`);
}

/** What the launcher told us is about this very process. */
function withoutLauncher(env: Record<string, string>): Record<string, string> {
  const { K0S_SELF: _self, K0S_INDEX: _index, K0S_ARGV0: _argv0, ...rest } = env;
  return rest;
}
