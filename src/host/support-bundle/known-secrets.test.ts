import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { attempts } from "./attempts.ts";
import { knownSecrets, secretsIn } from "./known-secrets.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-secrets-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0w";

test("what a configuration, a kubeconfig and a URL hold is found", () => {
  expect(secretsIn("password: hunter2")).toEqual(["hunter2"]);
  expect(secretsIn('    authPass: "a b"\n    token: abc.def')).toEqual(["a b", "abc.def"]);
  expect(secretsIn('{"client-key-data":"TUlH"}')).toEqual(["TUlH"]);
  expect(secretsIn("HTTPS_PROXY=http://me:p%40ss@proxy")).toEqual(["p%40ss", "p@ss"]);
  expect(secretsIn("dataSource: mysql://me:hunter2@tcp(db)/k0s")).toContain("hunter2");
  expect(secretsIn("dataSource: postgres://db/k0s?user=me&password=hunter2")).toContain("hunter2");
  expect(secretsIn(`-----BEGIN PRIVATE KEY-----\n${line}\nshort\n-----END PRIVATE KEY-----`)).toEqual([line]);
  expect(secretsIn("path: /etc/token\nhost: http://db:5432/k0s")).toEqual([]);
});

test("keys, kubeconfigs and join tokens are looked for where a node keeps them", async () => {
  const paths = nodePaths({ dataDir: dir, runDir: join(dir, "run") });
  const write = (path: string, text: string): void => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  };
  write(join(paths.pkiDir, "ca.key"), `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----`);
  write(join(paths.etcdPkiDir, "ca.key"), `-----BEGIN PRIVATE KEY-----\n${line}2\n-----END PRIVATE KEY-----`);
  write(paths.kubeletKubeconfig, "users:\n- user:\n    token: a-token");
  write(join(dir, "join"), "H4sIAAAAAAAAAAAAAAAA\n");
  Bun.spawnSync(["mkfifo", join(dir, "fifo")]);
  const tokenFiles = ["join", "fifo", "none", ""].map((name) => join(dir, name));
  const all = attempts(new AbortController().signal, 5_000);
  const found = await knownSecrets({ paths, texts: [], tokenFiles, k0s: undefined, attempts: all });
  const why = (path: string): string => `${path} is not a regular file`;
  const byPath = all.failed.toSorted((a, b) => a.path.length - b.path.length);
  expect(byPath).toEqual([dir, join(dir, "fifo")].map((path) => ({ path, why: why(path) })));
  expect(found.toSorted()).toEqual(["H4sIAAAAAAAAAAAAAAAA", line, `${line}2`, "a-token"].toSorted());
});

test("fields of variables, TOML, INI files and registries are found, whatever ends them", () => {
  expect(secretsIn('Environment="DB_PASSWORD=correct horse"')).toContain("correct horse");
  expect(secretsIn("X_PASSWORD=ab;cdefghij")).toContain("ab;cdefghij");
  expect(secretsIn("[client]\npass = correct horse\n")).toContain("correct horse");
  expect(secretsIn('[auth]\n  identitytoken = "hunter2"')).toEqual(["hunter2"]);
  const auth = btoa("me:hunter2");
  expect(secretsIn(JSON.stringify({ auths: { reg: { auth } } }))).toEqual([auth, "me:hunter2", "hunter2"]);
  expect(secretsIn(`auth = "${auth}"`)).toContain("hunter2");
  expect(secretsIn("--anonymous-auth=false\n--token-file=/etc/token\nsecret: /etc/k0s/x")).toEqual([]);
});
