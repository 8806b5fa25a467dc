// kubectl as a child, for commands that have something to say after it.

import { cleanEnvironment } from "../../os/exec.ts";
import { sleep } from "../../std/wait.ts";
import type { BecomeOptions } from "./become.ts";
import type { CliIo } from "./io.ts";

/** Resolves to its exit code. */
export async function runKubectl(
  program: string,
  { argv0, args, env }: BecomeOptions,
  { signal }: Pick<CliIo, "signal">,
): Promise<number> {
  const child = Bun.spawn([program, ...args], {
    argv0,
    env: cleanEnvironment(env),
    stdio: ["inherit", "inherit", "inherit"],
  });
  // Ctrl-C reaches it by itself; what is sent to us alone is passed on.
  const passOn = (): void => void sleep(300).then(() => child.kill("SIGTERM"));
  signal.addEventListener("abort", passOn, { once: true });
  const code = await child.exited;
  signal.removeEventListener("abort", passOn);
  return code;
}
