// A real program of Go goes into a file, is unpacked by the launcher and has to be what it was.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maxFormedBytes } from "../../src/payload/index-schema.ts";
import { hostPlatform } from "../platform.ts";
import { assemble } from "./assemble.ts";
import { buildLauncher } from "./build-launcher.ts";
import { type CompressedPart, compressTree } from "./frames.ts";
import { functionFrames } from "./go-functions.ts";
import { splitPcTables } from "./go-pc-tables.ts";
import { findGoTables } from "./go-tables.ts";

const signal = AbortSignal.timeout(120_000);
let dir = "";
let launcher = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-forms-"));
  launcher = await buildLauncher(hostPlatform(), { signal });
}, 120_000);

afterAll(() => rm(dir, { recursive: true, force: true }));

async function packed(goTables: boolean): Promise<CompressedPart> {
  const other = join(dir, "other");
  await writeFile(other, "not a program\n".repeat(100));
  const files = [other, launcher, other].map((source, index) => ({ path: `${index}`, source, mode: 0o755 }));
  const tree = { name: "programs", kind: "component", version: "1", files, links: [], goTables } as const;
  return compressTree(tree, { store: join(dir, "frames"), level: 3, signal });
}

test("a program of Go is smaller, and the same when it is unpacked", async () => {
  const part = await packed(true);
  const plain = await packed(false);
  expect(part.part.frames.map(({ form }) => form)).toEqual([
    undefined,
    "go-pc-tables",
    "go-functions",
    undefined,
  ]);
  expect(part.part.stored).toBeLessThan(plain.part.stored * 0.95);
  expect(part.part.sha256).toBe(plain.part.sha256);
  const file = join(dir, "k0s");
  const content = {
    target: hostPlatform().id,
    version: "1",
    parts: [part],
    images: [],
    blobs: new Map<string, string>(),
  };
  await assemble({ launcher, ...content }, file);
  const out = join(dir, "out");
  await mkdir(out);
  const env = { ...process.env, K0S_LAUNCHER: "unpack" };
  const steps = JSON.stringify([
    { part: "programs", dir: out, own: false, uid: process.getuid?.(), gid: process.getgid?.() },
  ]);
  const unpacking = Bun.spawn([file], { env, stdin: Buffer.from(steps), stdout: "pipe" });
  expect(await new Response(unpacking.stdout).text()).not.toContain('"error"');
  expect(await unpacking.exited).toBe(0);
  expect((await readFile(join(out, "1"))).equals(await readFile(launcher))).toBe(true);
  expect(await readFile(join(out, "2"), "utf8")).toContain("not a program");
}, 120_000);

describe("frames", () => {
  test("are cut where tables and records end", async () => {
    const pairs = Buffer.from([7, 3, 0xff, 0x01, 5, 0]);
    const frames = splitPcTables(Buffer.alloc(2 * maxFormedBytes, pairs));
    expect(frames.map(({ raw }) => raw.at(-1))).toEqual([
      0,
      0,
      pairs[(2 * maxFormedBytes - 1) % pairs.length],
    ]);
    expect(frames.every(({ raw }) => raw.length <= maxFormedBytes)).toBe(true);
  });

  test("have the first numbers of all pairs before the second ones", () => {
    const [frame] = splitPcTables(Buffer.from([2, 10, 0x81, 1, 0xff, 1, 0, 4, 20, 0]));
    expect(frame?.formed).toEqual(Buffer.from([6, 0, 0, 0, 2, 0x81, 1, 0, 4, 0, 10, 0xff, 1, 20]));
  });

  test("are not made of records that are of another kind", async () => {
    await using file = await open(launcher);
    const tables = await findGoTables(file);
    if (tables === undefined) throw new Error("the launcher has no tables");
    const table = (await readFile(launcher)).subarray(tables.functions.start, tables.functions.end);
    expect(functionFrames(table, tables.functionCount)).toBeDefined();
    const moved = Buffer.from(table);
    moved.writeUInt32LE(moved.readUInt32LE(12) + 8, 12);
    expect(functionFrames(moved, tables.functionCount)).toBeUndefined();
    expect(functionFrames(table, 0)).toBeUndefined();
  });

  test("are not looked for in what Go has not made", async () => {
    await using bun = await open(process.execPath);
    expect(await findGoTables(bun)).toBeUndefined();
    await writeFile(join(dir, "short"), "\x7fELF");
    await using short = await open(join(dir, "short"));
    expect(await findGoTables(short)).toBeUndefined();
  });
});
