// Text as a stranger may see it: without keys, tokens and passwords. Two nets: secrets that are known are removed in
// whatever form they are written; what looks like a secret is removed whether it is known or not. Too much rather than too little.

import { withoutUrlPasswords } from "../../config/without-secrets.ts";
import { blot } from "./blot.ts";

/** Shorter ones would tear every text apart; as values of fields and in URLs they are found by their places. */
const shortest = 4;
/** From here on the base64 of a secret has enough of its own to be recognized inside of a longer one. */
const shortestInBase64 = 6;

/** `secrets`: values that must not appear, whatever their form. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= shortest);
  // The longest first: what another one is a part of goes as a whole.
  const plain = [...new Set(known.flatMap(spellings))].toSorted((a, b) => b.length - a.length);
  const encoded = [...new Set(known.filter(({ length }) => length >= shortestInBase64).flatMap(base64Cores))];
  return (text) => {
    let shown = text;
    for (const secret of plain) if (shown.includes(secret)) shown = shown.replaceAll(secret, blot);
    for (const core of encoded)
      if (shown.includes(core))
        shown = shown.replaceAll(new RegExp(`${base64}*${escaped(core)}${base64}*`, "g"), blot);
    return withoutSecretLooks(shown);
  };
}

/** The same without knowing any. */
export function withoutSecretLooks(text: string): string {
  return looks.reduce((shown, hide) => hide(shown), text);
}

const base64 = "[A-Za-z0-9+/_=-]";

const looks: readonly ((text: string) => string)[] = [
  // A private key in PEM, with line breaks that may be escaped, whole or cut off.
  replace(
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:\s*[A-Za-z-]+: [^\n]*\n)*(?:\\[nrt]|[A-Za-z0-9+/=\s])*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?/g,
    () => blot,
  ),
  replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, () => blot),
  // A join token is a gzipped kubeconfig in base64, perhaps in lines.
  replace(/H4sI[A-Za-z0-9+/=]{8,}(?:\s+[A-Za-z0-9+/=]{24,})*/g, () => blot),
  replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, () => blot),
  replace(/AGE-SECRET-KEY-[A-Z0-9-]+/gi, () => blot),
  replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{4,}/gi, (_, kind) => `${kind} ${blot}`),
  withoutUrlPasswords,
  // MySQL's form: user:password@tcp(host)/database.
  (text) =>
    /@(?:tcp|unix)\(/.test(text)
      ? text.replaceAll(/([^\s:@/"'=]+):(?!\/\/)[^\s"']+@(?=(?:tcp|unix)\()/g, `$1:${blot}@`)
      : text,
  replace(secretField(), (whole, key, value) =>
    /^(?:["']{2}|true|false|null|\[redacted\]|"\[redacted\]")$/.test(value ?? "")
      ? whole
      : `${key}${sameQuotes(value ?? "")}`,
  ),
  // Keys and tokens of any kind are long and of all kinds of characters; names, digests and paths are not.
  replace(new RegExp(`${base64}{40,}`, "g"), (token) =>
    /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token) ? blot : token,
  ),
];

function replace(
  pattern: RegExp,
  by: (whole: string, ...groups: readonly (string | undefined)[]) => string,
): (text: string) => string {
  return (text) =>
    text.replaceAll(pattern, (whole: string, ...groups: (string | undefined)[]) => by(whole, ...groups));
}

/** `password: x`, `--token=x`, `"clientSecret": "x"`, `client-key-data: x`, with quotes that may be escaped. */
function secretField(): RegExp {
  const words =
    "passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|auth[-_]?pass|credentials?|key[-_]data";
  const value = String.raw`\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'|[^\s,;&}\])"']+`;
  return new RegExp(String.raw`((?:${words})s?\\?["']?\s*[:=]\s*)(${value})`, "gi");
}

function sameQuotes(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? "";
  return `${quote}${blot}${quote}`;
}

/** As it is, in a URL, and inside of a JSON or YAML string. */
function spellings(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

/**
 * What the base64 of any text that holds the secret must contain: it begins at one of three places of a group of four
 * characters, and the characters that it shares with its neighbours are left out. In both alphabets.
 */
export function base64Cores(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    const forUrls = core.replaceAll("+", "-").replaceAll("/", "_");
    return core === forUrls ? [core] : [core, forUrls];
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[+/=_-]/g, String.raw`\$&`);
}
