import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterConfig } from "../../config/load.ts";
import { type KeysToFind, keysToFind } from "./encrypted-secrets.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "encrypted-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function found(content: string, spec: string, ...files: readonly string[]): Promise<KeysToFind | undefined> {
  const text = `apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec: ${spec}\n`;
  const defaults = { single: false, dataDir: dir, publicAddress: "10.0.0.7", clusterExists: true };
  const file = join(dir, "copy.db");
  writeFileSync(file, content);
  const { signal } = new AbortController();
  return keysToFind({ files: new Set(files) }, parseClusterConfig(text, defaults).config, file, signal);
}

const wanted = "{security: {secretsEncryption: {enabled: true}}}";
// Where one piece of the file ends and the next one begins.
const encrypted = `${"x".repeat((1 << 20) - 7)}k8s:enc:secretbox:v1:key-1:`;

test("Secrets with keys that nobody names are seen in the copy of the datastore", async () => {
  expect(await found(encrypted, wanted)).toBe("in-cluster");
  expect(await found(encrypted, "{}")).toBe("not-asked-for");
});

test("nothing is said where the ring is there, or no key of k0s is used", async () => {
  expect(await found(encrypted, "{}", "pki/encryption-ring.json")).toBeUndefined();
  expect(await found("k8s:enc:secretbox:v1:mine:", "{}")).toBeUndefined();
  expect(await found("", wanted)).toBeUndefined();
});
