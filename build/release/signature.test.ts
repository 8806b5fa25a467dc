import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorMessage } from "../../src/std/errors.ts";
import { run } from "../../src/os/exec.ts";
import { readSigner } from "./signature.ts";

let dir = "";
const at = (name: string): string => join(dir, name);
const openssl = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run("openssl", args, { cwd: dir, timeoutMs: 20_000 });
  return code === 0 ? stdout : `failed: ${stdout}${stderr}`;
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-signature-"));
  await openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "pkcs8.key");
  await openssl("ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", "sec1.key");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test.each(["pkcs8.key", "sec1.key"])(
  "OpenSSL accepts a signature by %s, and of nothing else",
  async (name) => {
    await chmod(at(name), 0o600);
    await writeFile(at("file"), "content");
    const signer = await readSigner(at(name));
    await writeFile(at("pub"), signer.publicKey);
    await writeFile(at("sig"), await signer.sign(at("file"), AbortSignal.timeout(10_000)));
    expect(await openssl("base64", "-d", "-A", "-in", "sig", "-out", "der")).toBe("");
    const verify = ["dgst", "-sha256", "-verify", "pub", "-signature", "der", "file"];
    expect(await openssl(...verify)).toBe("Verified OK\n");
    await writeFile(at("file"), "c0ntent");
    expect(await openssl(...verify)).toStartWith("failed: Verification failure");
  },
);

test("a key that is not one, or that others can read, is refused", async () => {
  const refusal = (name: string) => readSigner(at(name)).then(() => "accepted", errorMessage);
  await openssl("genpkey", "-algorithm", "ed25519", "-out", "other.key");
  await openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "p384.key");
  await writeFile(at("cosign.key"), "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n");
  await writeFile(at("none.key"), "nothing");
  for (const name of ["other.key", "p384.key", "cosign.key", "none.key"]) await chmod(at(name), 0o600);
  expect(await refusal("absent.key")).toBe(`there is no key ${at("absent.key")}`);
  for (const name of ["other.key", "p384.key"])
    expect(await refusal(name)).toBe(`the key ${at(name)} is not one of ECDSA on the curve P-256`);
  expect(await refusal("cosign.key")).toBe(`the key ${at("cosign.key")} is encrypted`);
  expect(await refusal("none.key")).toStartWith(`the key ${at("none.key")} is not a private key in PEM`);
  await chmod(at("pkcs8.key"), 0o640);
  expect(await refusal("pkcs8.key")).toBe(`the key ${at("pkcs8.key")} can be read by others`);
});
