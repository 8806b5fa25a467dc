import { expect, test } from "bun:test";
import { redacted } from "./redacted.ts";

const secrets: readonly (readonly [text: string, secret: string])[] = [
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIsecret\n-----END RSA PRIVATE KEY-----", "MIIsecret"],
  ["a key cut off: -----BEGIN PRIVATE KEY-----\nMIIsecret", "MIIsecret"],
  ["Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJl.c2lnbmF0dXJl", "c2lnbmF0dXJl"],
  ["joins by H4sIAAAAAAAC/2yUUY+iShCF3/0V3qn", "AAC/2yUUY"],
  ["token abcdef.0123456789abcdef was used", "0123456789abcdef"],
  ["postgres://kine:hunter2@10.0.0.1/kine", "hunter2"],
  ['{"password":"hunter2"}', "hunter2"],
  ["Authorization: Bearer hunter2", "hunter2"],
];

test.each(secrets)("a secret is not shown: %#", (text, secret) =>
  expect(redacted(text)).not.toContain(secret),
);

test("the rest of a text stays as it is", () => {
  const text =
    'time=10:00 level=error msg="listen tcp 0.0.0.0:6443: bind: address already in use" sans=kubernetes.default';
  expect(redacted(text)).toBe(text);
});
