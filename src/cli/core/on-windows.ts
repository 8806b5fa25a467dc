// Which commands there are on Windows: those that read and print and need neither root's files nor a program for Linux.
// The others say so, before they look for something that cannot be there. docs/windows.md, docs/adr/0083.

import { UserError } from "../../std/errors.ts";

const there: ReadonlySet<string> = new Set([
  "k0s completion",
  "k0s config create",
  "k0s config validate",
  "k0s default-config",
  "k0s docs",
  "k0s help",
  "k0s validate config",
  "k0s version",
]);

const worker = "This release has no worker for Windows yet: docs/windows.md says what there is.";
const elsewhere = "Run it on a node with Linux.";

/** Throws a UserError for a command, as in `k0s config create`, that does not run on the system. */
export function refuseOnWindows(command: string, system: NodeJS.Platform): void {
  if (system !== "win32" || there.has(command)) return;
  throw new UserError(`${command} does not run on Windows`, {
    code: "on-windows",
    hint: command === "k0s worker" ? worker : elsewhere,
  });
}
