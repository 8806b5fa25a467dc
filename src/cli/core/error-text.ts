// What people read of an error: `Error: <what failed>`, then what to do; bugs show where they happened.

import { errorMessage, UserError } from "../../std/errors.ts";

export function errorText(err: unknown): string {
  if (err instanceof UserError)
    return `Error: ${err.message}\n${err.hint === undefined ? "" : `${err.hint}\n`}`;
  return `Error: ${errorMessage(err)}\n${err instanceof Error ? frames(err) : ""}`;
}

/** Without the message that the stack begins with. */
function frames({ stack = "" }: Error): string {
  const lines = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return lines.map((line) => `${line}\n`).join("");
}

/** Ends the command with exit code 1; people have been told of its cause. */
export class ReportedError extends Error {
  override readonly name = "ReportedError";
}
