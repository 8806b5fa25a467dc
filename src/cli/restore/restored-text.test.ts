import { expect, test } from "bun:test";
import { backupNote } from "../../host/backup/note.ts";
import { restoredText } from "./restored-text.ts";

const facts = { createdAt: "2026-11-27T04:00:00Z", version: "v1.37.2+k0s.0", node: "n", dataDir: "/d" };
const restored = (...args: readonly string[]) => ({
  note: backupNote({ ...facts, args: [...args] }),
  datastore: { kind: "etcd", name: "n", peerUrls: [] } as const,
  keys: undefined,
  unknown: [],
});

test("arguments are told as a shell takes them", () => {
  const text = restoredText(restored("k0s", "controller", "--kubelet-extra-args=--v=2 --x=y"), "/k0s.yaml");
  expect(text).toContain("k0s controller '--kubelet-extra-args=--v=2 --x=y'\n");
  expect(text).toContain("/k0s.yaml");
});

test("no join token and no password is told, whoever wrote the archive", () => {
  const text = restoredText(
    restored(
      "k0s",
      "controller",
      "H4sIAAAAAAAAA2yV0Y7iOBBF3",
      "--x=https://u:geheim@h/",
      "abcdef.0123456789abcdef",
    ),
    undefined,
  );
  for (const secret of ["H4sI", "geheim", "0123456789abcdef"]) expect(text).not.toContain(secret);
});

test("keys that the archive does not name are told", () => {
  const told = (keys: "in-cluster" | "not-asked-for") => restoredText({ ...restored(), keys }, undefined);
  expect(told("in-cluster")).toContain("kube-system/k0s-secrets-encryption");
  expect(told("not-asked-for")).toContain("set spec.security.secretsEncryption.enabled");
});

test("a configuration that was there before is named", () => {
  expect(restoredText(restored(), "/k0s.yaml", "/k0s.yaml.old")).toContain("is /k0s.yaml.old now");
  expect(restoredText(restored(), "/k0s.yaml")).not.toContain("before is");
});
