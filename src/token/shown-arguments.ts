// A command line as others may see it, e.g. in `k0s status`: those who ask there must not learn what opens the cluster.

import { withoutUrlPasswords } from "../config/without-secrets.ts";

const blot = "xxxxx";

const secrets: readonly (readonly [RegExp, string])[] = [
  // A join token; the shell may have passed on line breaks and blanks in it.
  [/H4sI[A-Za-z0-9+/=\s]{8,}/g, blot],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, blot],
  [/((?:password|token|secret)=)[^&,\s]+/gi, `$1${blot}`],
];

/** Without join tokens, whole or cut short, bootstrap tokens and passwords, wherever in an argument they are. */
export function shownArguments(args: readonly string[]): string[] {
  return args.map((arg) =>
    secrets.reduce((text, [secret, shown]) => text.replaceAll(secret, shown), withoutUrlPasswords(arg)),
  );
}
