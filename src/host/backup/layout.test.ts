import { expect, test } from "bun:test";
import { backupName, isSavedPath, restoredConfigName } from "./layout.ts";

test("an archive is named by local time, as upstream's", () => {
  expect(backupName(new Date(2026, 10, 7, 4, 5, 6))).toBe("k0s_backup_2026-11-07T04_05_06_000Z.tar.gz");
});

test.each([
  ["/srv/k0s_backup_2026-11-07T04_05_06_000Z.tar.gz", "k0s_2026-11-07T04_05_06_000Z.yaml"],
  // What upstream's k0sctl calls it.
  ["/tmp/x/k0s_backup.tar.gz", "k0s_k0s_backup.yaml"],
  ["-", "-"],
])("the configuration of %s goes to %s", (archive, name) => {
  expect(restoredConfigName(archive)).toBe(name);
});

test.each([
  ["etcd-snapshot.db", true],
  ["kine-state-backup.db", true],
  ["pki", true],
  ["pki/etcd/ca.key", true],
  ["helmhome/repositories.yaml", true],
  ["k0s.yaml", true],
  ["k0s.yaml/x", false],
  ["installation.json", false],
  ["bin/kubelet", false],
])("%s is of a backup: %p", (path, expected) => {
  expect(isSavedPath(path)).toBe(expected);
});
