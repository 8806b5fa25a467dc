// By which names a secret is known: of fields, of flags, of variables.

/** What such a name ends with; alternatives of a regular expression. Of two that begin alike, the longer first. */
export const secretWords =
  "passw(?:or)?d|passphrase|passcode|pass|pwd|psk|secret|token|auth|(?:api|access|private|secret|encryption|signing|account|shared)[-_]?key|credentials?|key[-_]data";

const wanted = /pass|pwd|psk|auth|token|secret|credential|key$/i;
/** These tell where a secret is, or how it is used. */
const about = /(name|namespace|file|path|dir|mode|type|method|enabled|sock|host|port)$/i;

/** Of a variable or of a key of a Secret: wide, since what has one is only looked for. */
export function isSecretName(name: string): boolean {
  return wanted.test(name) && !about.test(name);
}

const flag = new RegExp(String.raw`^-.*(?:${secretWords})s?\d*$`, "i");

/** `--etcd-password`: the next argument is one. */
export function isSecretFlag(argument: string): boolean {
  return flag.test(argument);
}
