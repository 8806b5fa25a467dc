// Text as anybody may see it. k0s does not log secrets, but what others have written is shown here, too.

import { withoutUrlPasswords } from "../../config/without-secrets.ts";

const blot = "xxxxx";

const patterns: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, blot],
  // JSON Web Tokens, as service accounts have them.
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, blot],
  // Join tokens: gzip in base64.
  [/\bH4sI[A-Za-z0-9+/=]{20,}/g, blot],
  // Bootstrap tokens: the part before the point is a name, and no secret.
  [/\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g, `$1.${blot}`],
  [/((?:password|passwd|authorization)["']?\s*[=:]\s*(?:bearer\s+|basic\s+)?["']?)[^\s"',;]+/gi, `$1${blot}`],
  [/((?:secret|token)(?:=|["']:\s*)["']?)[^\s"',;]+/gi, `$1${blot}`],
];

export function redacted(text: string): string {
  return patterns.reduce((shown, [pattern, by]) => shown.replaceAll(pattern, by), withoutUrlPasswords(text));
}
