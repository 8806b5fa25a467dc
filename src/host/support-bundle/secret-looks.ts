// What looks like a secret, whether it is known or not.

import { withoutUrlPasswords } from "../../config/without-secrets.ts";
import { blot } from "./blot.ts";
import { secretFields } from "./secret-fields.ts";
import { secretWords } from "./secret-names.ts";

export function withoutSecretLooks(text: string): string {
  const steps = withoutSecretLooksInSteps(text);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, with places to pause at. */
export function* withoutSecretLooksInSteps(text: string): Generator<void, string> {
  let whole = text;
  for (const [mark, hide] of ofLines) {
    if (whole.includes(mark)) whole = hide(whole);
    yield;
  }
  const fields = secretFields();
  const shown: string[] = [];
  for (const piece of pieces(whole)) {
    const hidden = looks.reduce((part, hide) => hide(part), piece);
    shown.push(withoutLongWords(hidden.split("\n").map(fields).join("\n")));
    yield;
  }
  return shown.join("\n");
}

/** Whole lines, without the line break at their end. */
function* pieces(text: string): Generator<string> {
  for (let from = 0; from <= text.length;) {
    const end = text.indexOf("\n", from + pieceLength);
    yield text.slice(from, end < 0 ? text.length : end);
    if (end < 0) return;
    from = end + 1;
  }
}

const pieceLength = 1 << 16;

type Hide = (text: string) => string;

/** Those that have several lines, by what each of them begins with. */
const ofLines: readonly (readonly [mark: string, hide: Hide])[] = [
  // A private key in PEM, with line breaks that may be escaped, whole or cut off.
  [
    "-----BEGIN ",
    (text) =>
      text.replaceAll(
        /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:\s*[A-Za-z-]+: [^\n]*\n)*(?:\\[nrt]|[A-Za-z0-9+/=\s])*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?/g,
        blot,
      ),
  ],
  // A join token is a gzipped kubeconfig in base64, perhaps in lines.
  ["H4sI", (text) => text.replaceAll(/H4sI[A-Za-z0-9+/=]{8,}(?:\s+[A-Za-z0-9+/=]{24,})*/g, blot)],
];

/** Each of them reads a character but a few times, however long a word is. */
const looks: readonly Hide[] = [
  (text) => (text.includes("eyJ") ? text.replaceAll(/[A-Za-z0-9_.-]{16,}/g, withoutWebToken) : text),
  (text) => text.replaceAll(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, blot),
  (text) => text.replaceAll(/AGE-SECRET-KEY-[A-Z0-9-]+/gi, blot),
  (text) => text.replaceAll(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{4,}/gi, `$1 ${blot}`),
  withoutUrlPasswords,
  // MySQL's form: user:password@tcp(host)/database; its protocol may be left out, and its host as well.
  (text) =>
    text.replaceAll(
      /(?<![^\s:@/"'=])([^\s:@/"'=]+):(?!\/\/)[^\s"]{1,1024}@(?=[a-z0-9]*\(|\/)/g,
      `$1:${blot}@`,
    ),
  (text) => text.replaceAll(new RegExp(`(<[^<>]{0,100}(?:${secretWords})s?>)[^<]+`, "gi"), `$1${blot}`),
];

function withoutWebToken(word: string): string {
  const from = /(?<![A-Za-z0-9_])eyJ[A-Za-z0-9_-]{8}/.exec(word)?.index;
  if (from === undefined || !word.includes(".", from)) return word;
  // A point at the end is a sentence's.
  return `${word.slice(0, from)}${blot}${word.endsWith(".") ? "." : ""}`;
}

/** Keys and tokens of any kind are long and of all kinds of characters; names, digests and paths are not. */
function withoutLongWords(text: string): string {
  return text.replaceAll(/[A-Za-z0-9+/_=-]{40,}/g, (token) =>
    /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token) ? blot : token,
  );
}
