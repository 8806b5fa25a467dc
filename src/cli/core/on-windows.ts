// What a command does on Windows: the same, something of its own, or nothing, which it says before it looks for something that
// cannot be there. docs/windows.md, docs/adr/0084.

import { UserError } from "../../std/errors.ts";
import type { Command } from "./command.ts";

/** Throws a UserError for a command, as in `k0s config apply`, that does not run on the system. */
export function refuseOnWindows(command: string, system: NodeJS.Platform): void {
  if (system !== "win32") return;
  throw new UserError(`${command} does not run on Windows`, {
    code: "on-windows",
    hint: command === "k0s reset" ? byHand : "Run it on a node with Linux.",
  });
}

const byHand = "docs/windows.md says what to remove by hand.";

/** The handler of the command on the system; `path` as in `k0s config apply`. */
export function handlerOn(
  system: NodeJS.Platform,
  { run, onWindows }: Pick<Command, "run" | "onWindows">,
  path: string,
): Command["run"] {
  if (system !== "win32" || run === undefined || onWindows === true) return run;
  if (onWindows === undefined) refuseOnWindows(path, system);
  return onWindows;
}
