// Scenarios `backup-kine` and `backup-stream`: SQLite, through pipes.

import { test } from "bun:test";
import { restoredConfig, saveAndRestore, type WayOfBackup } from "../harness/save-and-restore.ts";
import { withMachine } from "../harness/with-machine.ts";

const byStream: WayOfBackup = {
  save: async (machine) => {
    const archive = "/root/saved/k0s_backup.tar.gz";
    await machine.ok(["sh", "-c", `umask 077; k0s backup --save-path - >${archive}`]);
    return archive;
  },
  restore: (machine, archive) => machine.ok(["sh", "-c", `k0s restore - <${archive} >${restoredConfig}`]),
};

test("backup-kine, backup-stream: SQLite, through pipes", async () => {
  await withMachine({ name: "saved" }, async (machine) => {
    await saveAndRestore(machine, { type: "kine" }, byStream);
  });
}, 600_000);
