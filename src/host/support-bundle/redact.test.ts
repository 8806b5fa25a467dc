import { expect, test } from "bun:test";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { blot } from "./blot.ts";
import { redactor, withoutSecretLooks } from "./redact.ts";
import { base64Cores } from "./spellings.ts";

const { signal } = new AbortController();

const { privateKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const joinToken = gzipSync("apiVersion: v1\nkind: Config").toString("base64");
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl`;

test.each([
  ["a key", `key ${privateKey} end`, `key ${blot}`],
  ["a key on one line", JSON.stringify({ key: privateKey }), `{"key":"${blot}\\n"}`],
  ["a join token", `token is ${joinToken} there`, `token is ${blot} there`],
  ["a bootstrap token", "id abcdef.0123456789abcdef,", `id ${blot},`],
  ["a JWT", `got ${jwt}.`, `got ${blot}.`],
  ["a header", "Authorization: Bearer abcdef123", `Authorization: Bearer ${blot}`],
  ["a URL", "postgres://me:pa@ss@db/k0s", "postgres://me:xxxxx@db/k0s"],
  ["MySQL", "mysql://me:pass@tcp(db)/k0s", `mysql://me:${blot}@tcp(db)/k0s`],
  ["MySQL without a scheme", "ds=me:pass@tcp(db)/k0s", `ds=me:${blot}@tcp(db)/k0s`],
  ["MySQL without a protocol", "ds=root:x@(db:3306)/k", `ds=root:${blot}@(db:3306)/k`],
  ["MySQL without a host", "ds=root:x@/k", `ds=root:${blot}@/k`],
  ["YAML", "password: hunter2\nuser: me", `password: ${blot}\nuser: me`],
  ["JSON", '{"clientSecret":"a \\n b","x":1}', `{"clientSecret":"${blot}","x":1}`],
  ["JSON in JSON", '"{\\"token\\":\\"abc\\",\\"x\\":1}"', `"{\\"token\\":\\"${blot}\\",\\"x\\":1}"`],
  ["a flag", "--etcd-password=abc --v=1", `--etcd-password=${blot} --v=1`],
  ["a kubeconfig", "client-key-data: LS0tLS1CRUdJTg==", `client-key-data: ${blot}`],
  ["an age key", "AGE-SECRET-KEY-1QQQQ", blot],
])("%s does not stay", (_, text, shown) => {
  const found = withoutSecretLooks(text);
  if (shown.endsWith(blot)) expect(found).toStartWith(shown);
  else expect(found).toBe(shown);
});

test.each([
  "--service-account-key-file=/var/lib/k0s/pki/sa.key --token-file=/etc/k0s/token",
  "automountServiceAccountToken: false",
  '"password":""',
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "/var/lib/k0s/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1234567890/fs/usr/lib",
  "pod 0b3a7a1c-6a43-4f5c-9f27-4c8b8f3f5b1e of metrics-server-8449997865-6slqn",
  'time="2026-11-26 19:02:16" level=warning msg="Process ended by itself, starting it again" component=etcd',
])("%s stays", (text) => expect(withoutSecretLooks(text)).toBe(text));

const secretText = fc
  .string({ minLength: 6, maxLength: 40, unit: "grapheme-ascii" })
  .filter((text) => text.trim().length > 5);

test("a secret that is known stays in no form, wherever it begins", async () => {
  await fc.assert(
    fc.asyncProperty(
      secretText,
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }),
      async (secret, before, after) => {
        const redact = await redactor([secret], signal);
        const joined = `${before}${secret}${after}`;
        const text = [
          joined,
          `https://x/${encodeURIComponent(secret)}`,
          JSON.stringify({ joined }),
          Buffer.from(joined).toString("base64"),
          Buffer.from(joined).toString("base64url"),
        ].join("\n");
        const shown = await redact(text, signal);
        // Its own characters may be those of the text around it, but not of the base64 of anything that holds it.
        for (const core of base64Cores(secret)) expect(shown).not.toContain(core);
        expect(shown.replaceAll(blot, "").includes(secret)).toBe(false);
      },
    ),
  );
});

test("bytes of a key are found inside of the base64 of a file that has it", async () => {
  const lines = privateKey.split("\n").filter((line) => !line.startsWith("-") && line !== "");
  const file = Buffer.from(`kubeconfig\nclient: ${privateKey}`).toString("base64");
  const wrapped = file.replaceAll(/.{30}/g, "$&\n");
  const redact = await redactor(lines, signal);
  expect(await redact(`config ${file} end`, signal)).toBe(`config ${blot} end`);
  expect(await redact(wrapped, signal)).not.toContain(base64Cores(lines[1] ?? "")[0] ?? "?");
});

test("many secrets in a long text do not take long", async () => {
  const secrets = Array.from({ length: 200 }, () => randomBytes(48).toString("base64"));
  const lines = 'time="2026-11-26 19:02:16" level=info msg="a line of a log" component=kubelet\n'.repeat(
    5_000,
  );
  const before = process.cpuUsage().user;
  const redact = await redactor(secrets, signal);
  expect(await redact(lines + (secrets[7] ?? ""), signal)).toBe(lines + blot);
  expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(2_000);
});

/** Spelled by others than by what looks for it. */
const awkward = "p&s s<w>'\"\\/ä!";
test.each([
  ["Go's JSON", `${String.raw`p\u0026s s\u003cw\u003e'\"\\/`}ä!`],
  ["JSON without other characters", String.raw`p&s s<w>'\"\\/\u00e4!`],
  ["JSON in JSON", JSON.stringify(JSON.stringify({ awkward }))],
  ["slashes escaped", `${String.raw`p&s s<w>'\"\\\/`}ä!`],
  ["YAML", `p&s s<w>''"\\/ä!`],
  ["a shell", `${String.raw`p&s s<w>'\''"\/`}ä!`],
  ["hexadecimal", Buffer.from(awkward).toString("hex")],
  ["hexadecimal in capitals", Buffer.from(awkward).toString("hex").toUpperCase()],
  ["base64 twice", btoa(Buffer.from(awkward).toString("base64"))],
  ["base64 twice in others", btoa(`x${Buffer.from(`yz${awkward}!`).toString("base64")}`)],
  ["a URL's query", `p%26s+s%3Cw%3E%27%22%5C%2F%C3%A4%21`],
  ["a URL's path", `p&s%20s%3Cw%3E%27%22%5C%2F%C3%A4%21`],
  ["a URL in small letters", `p%26s%20s%3cw%3e%27%22%5c%2f%c3%a4%21`],
  ["HTML", "p&amp;s s&lt;w&gt;&#39;&#34;\\/ä!"],
])("a known secret goes as %s", async (_, text) => {
  const redact = await redactor([awkward], signal);
  expect(await redact(`before ${text} after`, signal)).toMatch(
    /^before ["{}:\\a-z]*\[redacted\]["}\\]* after$/,
  );
});

test("bytes that are no text are found in base64 and as digits", async () => {
  const bytes = randomBytes(24);
  const redact = await redactor([bytes], signal);
  for (const text of [bytes.toString("base64"), bytes.toString("hex"), bytes.toString("base64url")])
    expect(await redact(`a ${text} b`, signal)).toBe(`a ${blot} b`);
});

test("secrets that overlap go whole", async () => {
  const redact = await redactor(["abcdef", "defghi", "cdef"], signal);
  expect(await redact("x abcdefghi y", signal)).toBe(`x ${blot} y`);
});

test("many long words of base64 do not take long, and others have their turn meanwhile", async () => {
  const word = randomBytes(1 << 20).toString("base64");
  const redact = await redactor([randomBytes(3).toString("hex"), "hunter2"], signal);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  const before = process.cpuUsage().user;
  // Among so many random letters some happen to look like a secret of their own: then a word goes in two pieces.
  expect(
    (await redact(`${word} ${Buffer.from("hunter2").toString("base64")}${word}`, signal)).replaceAll(
      blot,
      "",
    ),
  ).toBe(" ");
  clearInterval(timer);
  expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(3_000);
  expect(turns).toBeGreaterThan(1);
});

test("an interruption ends it", async () => {
  const stop = new AbortController();
  const redact = await redactor(["hunter2"], signal);
  const redacting = redact("a line of a log\n".repeat(400_000), stop.signal);
  setTimeout(() => stop.abort(new Error("ended by SIGINT")), 5);
  expect(redacting).rejects.toThrow("ended by SIGINT");
});
