import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mappingsOf, trimMemory } from "./trim-memory.ts";

const maps = `00200000-01a00000 r--p 00000000 fe:00 123                  /opt/k0s/runtime
01a00000-06800000 r-xp 01800000 fe:00 123                  /opt/k0s/runtime
06800000-06a00000 rw-p 06600000 fe:00 123                  /opt/k0s/runtime
7f0000000000-7f0000001000 r-xp 00000000 fe:00 9            /lib/libc.so.6
7f0000002000-7f0000003000 r--p 00000000 00:00 0
`;

test("only the program's own pages are given back", () => {
  expect(mappingsOf(maps, "/opt/k0s/runtime")).toEqual([
    { start: 0x200000n, length: 0x1800000n },
    { start: 0x1a00000n, length: 0x4e00000n },
    { start: 0x6800000n, length: 0x200000n },
  ]);
});

test("the program goes on with less", async () => {
  const resident = async (): Promise<number> =>
    Number(/^RssFile:\s+(\d+)/m.exec(await readFile("/proc/self/status", "utf8"))?.[1]);
  const before = await resident();
  await trimMemory();
  expect(JSON.parse("[1]")).toEqual([1]);
  expect(await resident()).toBeLessThanOrEqual(before * 1.1);
});

test("what only a start has run is not kept compiled, and runs again", async () => {
  const compiled = (): number => heapStats().objectTypeCounts["FunctionCodeBlock"] ?? 0;
  // Functions of one text would have one code.
  const text = Array.from({ length: 300 }, (_none, at) => `() => ${at}`).join();
  const module = join(await mkdtemp(join(tmpdir(), "k0s-trim-")), "made.js");
  await writeFile(module, `export const made = [${text}];`);
  const { made } = (await import(module)) as { made: readonly (() => number)[] };
  await rm(dirname(module), { recursive: true });
  const sum = (): number => made.reduce((all, one) => all + one(), 0);
  expect(sum()).toBe(44_850);
  const before = compiled();
  expect(before).toBeGreaterThan(300);
  await trimMemory();
  expect(compiled()).toBeLessThan(before - 250);
  expect(sum()).toBe(44_850);
});
