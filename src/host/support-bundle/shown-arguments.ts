// Command lines as a stranger may see them.

import { blot } from "./blot.ts";
import { isSecretFlag } from "./secret-names.ts";

/** Of programs written in Go, which take long names after one dash; of any other `-pX` the X may be a password. */
const longAfterOneDash = /^-(conf|config|addr|port|listen|version|help|log|debug|verbose)$/;

/** Of containers: their flags without values. Any value may be a secret, and so may whatever stands alone; `-p` alone is a flag. */
export function flagNames(args: readonly unknown[]): readonly string[] {
  return args.map((arg) => (typeof arg === "string" ? flagName(arg) : blot));
}

/** The program is shown as well. */
export function commandNames([program, ...args]: readonly unknown[]): readonly string[] {
  if (program === undefined) return [];
  const shown = typeof program === "string" && /^[\w./-]+$/.test(program) ? program : blot;
  return [shown, ...flagNames(args)];
}

function flagName(arg: string): string {
  const [, name, rest = ""] = /^(--[A-Za-z0-9][\w.-]*|-[A-Za-z0-9])([^]*)$/.exec(arg) ?? [];
  if (name === undefined) return arg === "--" || arg === "-" ? arg : blot;
  if (rest === "" || /^=(true|false)?$/.test(rest) || longAfterOneDash.test(arg)) return arg;
  return `${name}${rest.startsWith("=") ? "=" : ""}${blot}`;
}

/** Of k0s and its components, whose values help: only what follows a flag for a secret is not shown; the rest is looked for. */
export function withoutSecretValues(args: readonly string[]): readonly string[] {
  return args.map((arg, at) => {
    const before = args[at - 1];
    return before !== undefined && isSecretFlag(before) && !arg.startsWith("-") ? blot : arg;
  });
}
