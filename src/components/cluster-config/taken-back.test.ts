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

test("the same one under the same circumstances is known again; what is adopted ends the note", async () => {
  const own = config({});
  const note = takenBackNote({ dataDir, version: "1", config: own });
  expect(await note.is("uid 2")).toBe(false);
  await note.note("uid 2");
  expect([await note.is("uid 2"), await note.is("uid 3")]).toEqual([true, false]);
  const cluster = config({ scheduler: { extraArgs: { v: "9" } } });
  expect(await takenBackNote({ dataDir, version: "1", config: cluster }).is("uid 2")).toBe(true);
  expect(await takenBackNote({ dataDir, version: "2", config: own }).is("uid 2")).toBe(false);
  const other = config({ api: { sans: ["api.example"] } });
  expect(await takenBackNote({ dataDir, version: "1", config: other }).is("uid 2")).toBe(false);
  await note.note(undefined);
  await note.note(undefined);
  expect(await readdir(dataDir)).toEqual([]);
});
