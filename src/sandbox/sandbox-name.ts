// Names of sandboxes and machines. They become parts of paths and of names of control groups, so no other characters
// are allowed.

import { UserError } from "../std/errors.ts";

const namePattern = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

export function isName(text: string): boolean {
  return namePattern.test(text);
}

/** Throws a `UserError` for what cannot be a name; `what`: `sandbox` or `machine`. */
export function checkName(name: string, what: string): void {
  if (isName(name)) return;
  throw new UserError(`${JSON.stringify(name)} is no name for a ${what}`, {
    hint: "Use at most 32 lower-case letters, digits and hyphens, as in a host name.",
    code: "bad-name",
  });
}
