import { expect, test } from "bun:test";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { blot } from "./blot.ts";
import { base64Cores, redactor, withoutSecretLooks } from "./redact.ts";

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

test("a secret that is known stays in no form, wherever it begins", () => {
  fc.assert(
    fc.property(
      secretText,
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }),
      (secret, before, after) => {
        const redact = redactor([secret]);
        const joined = `${before}${secret}${after}`;
        const text = [
          joined,
          `https://x/${encodeURIComponent(secret)}`,
          JSON.stringify({ joined }),
          Buffer.from(joined).toString("base64"),
          Buffer.from(joined).toString("base64url"),
        ].join("\n");
        const shown = redact(text);
        // Its own characters may be those of the text around it, but not of the base64 of anything that holds it.
        for (const core of base64Cores(secret)) expect(shown).not.toContain(core);
        expect(shown.replaceAll(blot, "").includes(secret)).toBe(false);
      },
    ),
  );
});

test("bytes of a key are found inside of the base64 of a file that has it", () => {
  const lines = privateKey.split("\n").filter((line) => !line.startsWith("-") && line !== "");
  const file = Buffer.from(`kubeconfig\nclient: ${privateKey}`).toString("base64");
  const wrapped = file.replaceAll(/.{30}/g, "$&\n");
  expect(redactor(lines)(`config ${file} end`)).toBe(`config ${blot} end`);
  expect(redactor(lines)(wrapped)).not.toContain(base64Cores(lines[1] ?? "")[0] ?? "?");
});

test("many secrets in a long text do not take long", () => {
  const secrets = Array.from({ length: 200 }, () => randomBytes(48).toString("base64"));
  const lines = 'time="2026-11-26 19:02:16" level=info msg="a line of a log" component=kubelet\n'.repeat(
    5_000,
  );
  const before = process.cpuUsage().user;
  expect(redactor(secrets)(lines + (secrets[7] ?? ""))).toBe(lines + blot);
  expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(2_000);
});
