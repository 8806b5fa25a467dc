import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "../../kube/objects/secret.ts";
import { issueCa } from "../../pki/issue.ts";
import { parseYaml } from "../../std/yaml.ts";
import { bootstrapSecretFields } from "../../token/bootstrap-secret.ts";
import { decodeJoinToken } from "../../token/join-token.ts";
import { tokenCommand } from "./command.ts";
import { testIo } from "../core/test-io.ts";
import { tokenPreShared } from "./pre-shared.ts";
import { anchor, otherAnchor } from "../../std/testdata/anchors.ts";
import { joinTrust } from "../../std/trust-bundle.ts";

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "k0s-token-"));
  writeFileSync(join(dir, "ca.crt"), (await issueCa({ cn: "x", expiresMs: 60_000, keyType: "p256" })).cert);
});
afterEach(() => rmSync(dir, { recursive: true }));

async function make(valid: number): Promise<{ names: string[]; secret: string; stderr: string }> {
  const io = testIo();
  const flags = { cert: join(dir, "ca.crt"), url: "https://10.0.0.1:6443/", role: "worker", valid };
  await tokenPreShared({ ...flags, out: join(dir, "out") }, io);
  const names = readdirSync(join(dir, "out"));
  const [file = ""] = names.filter((name) => name.startsWith("token_"));
  const { token } = await decodeJoinToken(readFileSync(join(dir, "out", file), "utf8"));
  return { names, secret: token.split(".")[1] ?? "", stderr: io.stderr() };
}

test("names carry ids, files are root's alone, and so is the folder", async () => {
  const { names, secret } = await make(3_600_000);
  expect(names.toSorted()).toEqual([
    expect.stringMatching(/^bootstrap-token-[a-z0-9]{6}\.yaml$/),
    expect.stringMatching(/^token_[a-z0-9]{6}$/),
  ]);
  expect(secret).toHaveLength(16);
  expect(names.join()).not.toContain(secret);
  for (const name of names) expect(statSync(join(dir, "out", name)).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, "out")).mode & 0o777).toBe(0o700);
});

test("a token ends after a day unless told otherwise, and one that never ends is warned of", async () => {
  const preShared = tokenCommand.commands?.find(({ name }) => name === "pre-shared");
  const valid = preShared?.flags?.["valid"];
  expect(valid?.defaultValue).toBe(24 * 3_600_000);
  const expiryOf = (names: readonly string[]): Date | undefined => {
    const [file = ""] = names.filter((name) => name.endsWith(".yaml"));
    const text = readFileSync(join(dir, "out", file), "utf8");
    return bootstrapSecretFields(parseYaml(text) as Secret).expires;
  };
  const { names, stderr } = await make(60_000);
  expect(expiryOf(names)?.getTime()).toBeGreaterThan(Date.now());
  expect(stderr).toBe("");
  rmSync(join(dir, "out"), { recursive: true });
  const endless = await make(0);
  expect(expiryOf(endless.names)).toBeUndefined();
  expect(endless.stderr).toContain("never expires");
});

test("all certificates of the file get into the token, and nothing else of it", async () => {
  const [one, other] = [anchor, otherAnchor];
  writeFileSync(join(dir, "ca.crt"), `subject=CN = one\n${one.pem}${other.pem}`);
  const { names } = await make(60_000);
  const file = names.find((name) => name.startsWith("token_")) ?? "";
  const { ca } = await decodeJoinToken(readFileSync(join(dir, "out", file), "utf8"));
  expect(ca).toEqual(joinTrust(one, other));
});
