// Scenario `backup`: with etcd, by the calls of upstream's k0sctl. With SQLite: test/full/backup-sqlite.test.ts.

import { expect, test } from "bun:test";
import { restoredConfig, saveAndRestore, type WayOfBackup } from "../harness/save-and-restore.ts";
import { withMachine } from "../harness/with-machine.ts";

/** What upstream's k0sctl does. */
const byFile: WayOfBackup = {
  save: async (machine) =>
    (await machine.k0s("backup", "--save-path", "/root/saved", "--data-dir", "/var/lib/k0s")).trim(),
  restore: (machine, archive) =>
    machine.k0s("restore", "--data-dir=/var/lib/k0s", `--config-out=${restoredConfig}`, archive),
};

test("etcd", async () => {
  await withMachine({ name: "saved" }, async (machine) => {
    await saveAndRestore(machine, { type: "etcd" }, byFile);
    expect(Object.keys(await machine.etcdMembers())).toEqual(["saved"]);
  });
}, 600_000);
