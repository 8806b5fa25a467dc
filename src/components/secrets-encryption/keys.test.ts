import { expect, test } from "bun:test";
import { generateKeyPem } from "../../pki/keys.ts";
import { parseYaml } from "../../std/yaml.ts";
import { contentHash, encryptionConfiguration, keysMark, worksWith } from "./keys.ts";

const [one, other] = await Promise.all([generateKeyPem("rsa2048"), generateKeyPem("p256")]);

interface Configuration {
  readonly resources: readonly {
    readonly resources: readonly string[];
    readonly providers: readonly Record<string, { keys?: { name: string; secret: string }[] }>[];
  }[];
}

function keysIn(text: string): readonly string[] {
  const { resources } = parseYaml(text, { source: "test" }) as Configuration;
  return (resources[0]?.providers ?? []).flatMap(({ secretbox }) => secretbox?.keys?.[0]?.secret ?? []);
}

test("each name is another key of 32 bytes, the same on every controller of one CA", () => {
  const text = encryptionConfiguration(one, { providers: ["key-1", "identity", "key-2"] });
  expect(encryptionConfiguration(one, { providers: ["key-1", "identity", "key-2"] })).toBe(text);
  const found = keysIn(text);
  expect(found.map((key) => Buffer.from(key, "base64").length)).toEqual([32, 32]);
  expect(new Set([...found, ...keysIn(encryptionConfiguration(other, { providers: ["key-1"] }))]).size).toBe(
    3,
  );
  expect(keysMark(one)).not.toBe(keysMark(other));
});

test("kube-apiserver says in its metrics which content it works with", () => {
  const hash = contentHash("a: b\n");
  const line = `apiserver_encryption_config_controller_last_config_info{apiserver_id_hash="sha256:1",hash="${hash}"} 1`;
  expect(worksWith(`# HELP x\n${line}\n`, hash)).toBe(true);
  expect(worksWith(`# HELP x\n${line}\n`, contentHash("a: c\n"))).toBe(false);
  expect(worksWith("", hash)).toBe(false);
});
