// By which names a secret is known: of fields, of flags, of variables.

/** What such a name ends with; alternatives of a regular expression. Of two that begin alike, the longer first. */
export const secretWords =
  "passw(?:or)?d|passphrase|passcode|pass|pwd|psk|secret|token|auth|(?:api|access|private|secret|encryption|signing|account|shared)[-_]?key|credentials?|key[-_]data";

const flag = new RegExp(String.raw`^-.*(?:${secretWords})s?\d*$`, "i");

/** `--etcd-password`: the next argument is one. */
export function isSecretFlag(argument: string): boolean {
  return flag.test(argument);
}
