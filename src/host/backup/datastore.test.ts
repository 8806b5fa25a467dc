import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertRoomForCopy } from "./datastore.ts";

test("a copy that would take the running datastore's last space is refused before anything is written", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "k0s-room-"));
  const paths = { dataDir, etcdDataDir: join(dataDir, "etcd") };
  const file = join(dataDir, "state.db");
  try {
    await writeFile(file, "");
    await assertRoomForCopy({ kind: "sqlite", file }, paths);
    // A hole: it takes no space itself.
    await truncate(file, 2 ** 43);
    expect(assertRoomForCopy({ kind: "sqlite", file }, paths)).rejects.toMatchObject({
      code: "disk-full",
      hint: expect.stringContaining("make a backup later"),
    });
    await assertRoomForCopy({ kind: "etcd" }, paths);
    expect(await readdir(dataDir)).toEqual(["state.db"]);
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
