import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { takenBackNote } from "./taken-back.ts";

let dataDir = "";
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "k0s-taken-back-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const config = (spec: object) =>
  clusterConfigSchema({ single: false, dataDir, publicAddress: "192.0.2.1" }).parse({ spec });

test("under the same circumstances it is tried once more; what is adopted ends the note", async () => {
  const own = config({});
  const note = takenBackNote({ dataDir, version: "1", config: own });
  expect(await note.atStart("uid 2")).toBe("first");
  await note.note("uid 2");
  expect(await note.atStart("uid 3")).toBe("first");
  const cluster = config({ scheduler: { extraArgs: { v: "9" } } });
  expect(await takenBackNote({ dataDir, version: "1", config: cluster }).atStart("uid 2")).toBe("again");
  // It has failed again, or ended k0s.
  await note.note("uid 2");
  for (const _ of [1, 2]) expect(await note.atStart("uid 2")).toBe("no");
  expect(await takenBackNote({ dataDir, version: "2", config: own }).atStart("uid 2")).toBe("first");
  const other = config({ api: { sans: ["api.example"] } });
  expect(await takenBackNote({ dataDir, version: "1", config: other }).atStart("uid 2")).toBe("first");
  await note.note(undefined);
  await note.note(undefined);
  expect(await readdir(dataDir)).toEqual([]);
});
