import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa } from "../pki/issue.ts";
import { fileFaults } from "./file-faults.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-file-faults-"));
  chmodSync(dir, 0o755);
  for (const name of ["data", "data/pki", "etc", "etc/containerd.d"]) mkdirSync(join(dir, name));
});
afterEach(() => rmSync(dir, { recursive: true }));

const found = async (changes: Partial<Parameters<typeof fileFaults>[0]> = {}): Promise<string> => {
  const dataDir = join(dir, "data");
  const paths = { dataDir, pkiDir: join(dataDir, "pki") };
  const configDir = join(dir, "etc");
  const files = { paths, controller: true, pods: true, certificates: [], configDir, ...changes };
  return (await fileFaults(files))
    .map(({ kind, text, remedy }) => `${kind}: ${text}; ${remedy}`.replaceAll(dir, ""))
    .join("\n");
};

test("a node that is well has none", async () => expect(await found()).toBe(""));

test("a data directory that the control plane's users cannot enter", async () => {
  chmodSync(join(dir, "data"), 0o700);
  const text = await found();
  expect(text).toStartWith("directory: /data is closed to the users of the control plane (");
  expect(text).toEndWith("; let everybody pass through it: chmod o+x /data");
  // A worker's programs are root's.
  expect(await found({ controller: false })).toBe("");
});

test("the key of the cluster's authority", async () => {
  const certificate = join(dir, "data/pki/ca.crt");
  const { cert, key } = await issueCa({ cn: "kubernetes-ca", expiresMs: 3_600_000 });
  writeFileSync(certificate, cert);
  writeFileSync(join(dir, "data/pki/ca.key"), key);
  expect(await found({ certificates: [certificate] })).toBe("");
  rmSync(join(dir, "data/pki/ca.key"));
  expect(await found({ certificates: [certificate] })).toStartWith(
    "key: the key of a certificate authority, /data/pki/ca.key, is missing: no worker can join, and ",
  );
  expect(await found({ certificates: [certificate] })).toEndWith(
    "; put it back, from a backup or from another controller, and restart k0s",
  );
  // Each controller makes this one for itself.
  const proxy = join(dir, "data/pki/front-proxy-ca.crt");
  writeFileSync(proxy, (await issueCa({ cn: "kubernetes-front-proxy-ca", expiresMs: 3_600_000 })).cert);
  expect(await found({ certificates: [proxy] })).toEndWith(
    "; put it back, from a backup of this controller, and restart k0s",
  );
});

test("a drop-in file of containerd, by its line, where pods run", async () => {
  writeFileSync(join(dir, "etc/containerd.d/old.toml"), "# old\nversion = 2\n");
  expect(await found()).toStartWith(
    "drop-in: containerd cannot start with its drop-in files: /etc/containerd.d/old.toml: line 2: version 2; put it right, or take it out of /etc/containerd.d",
  );
  expect(await found({ pods: false })).toBe("");
});
