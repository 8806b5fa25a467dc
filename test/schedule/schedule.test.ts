import { expect, test } from "bun:test";
import { availableMemory, idleShare, processorTime } from "./host-room.ts";
import { longestFirst, readTimes } from "./longest-first.ts";
import { countingHierarchy, makerOf } from "./processor-seconds.ts";
import { mayBegin, memoryOfFile, settleMs, sideBySide } from "./side-by-side.ts";

const bounds = { atLeast: 3, atMost: 5 };
const idle = { idle: 0.5, memory: memoryOfFile };
const busy = { idle: 0.1, memory: memoryOfFile };

test("some run however busy the host is, more while processors are idle, and never more than so many", () => {
  const begins = (room: typeof idle): boolean[] =>
    [0, 1, 2, 3, 4, 5].map((running) => mayBegin(running, settleMs, room, bounds));
  expect(begins(busy)).toEqual([true, true, true, false, false, false]);
  expect(begins(idle)).toEqual([true, true, true, true, true, false]);
});

test("one after the other where memory is short, and what the last one needs is waited for", () => {
  const short = { idle: 1, memory: memoryOfFile - 1 };
  expect([0, 1, 2].map((running) => mayBegin(running, settleMs, short, bounds))).toEqual([
    true,
    false,
    false,
  ]);
  expect(mayBegin(3, settleMs - 1, idle, bounds)).toBe(false);
  expect(mayBegin(2, 0, idle, bounds)).toBe(true);
});

test("all is done, in its order, and never more at once than there is room for", async () => {
  let [running, most] = [0, 0];
  const begun: number[] = [];
  const results = await sideBySide(
    [1, 2, 3, 4, 5, 6, 7],
    async (item) => {
      begun.push(item);
      most = Math.max(most, ++running);
      await Bun.sleep(5);
      running--;
      return item * 10;
    },
    { bounds, room: () => busy },
  );
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(results.toSorted((one, other) => one - other)).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
});

test("work that fails fails all", async () => {
  const failed = await sideBySide([1], () => Promise.reject(new Error("no")), {
    bounds,
    room: () => idle,
  }).catch((err: unknown) => String(err));
  expect(failed).toBe("Error: no");
});

test("what the kernel says of processors and memory", () => {
  const stat = "cpu  100 20 30 800 50 0 0 0 7 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n";
  expect(processorTime(stat)).toEqual({ idle: 800, total: 1000 });
  expect(idleShare({ idle: 800, total: 1000 }, { idle: 850, total: 1200 })).toBe(0.25);
  expect(idleShare({ idle: 800, total: 1000 }, { idle: 800, total: 1000 })).toBe(0);
  expect(availableMemory("MemTotal: 9 kB\nMemAvailable:    2048 kB\n")).toBe(2 * 1024 ** 2);
});

test("what took longest begins first; of what nobody has measured, what is known as slow", () => {
  const slow = (file: string): boolean => file === "slow";
  expect(longestFirst(["a", "b", "new", "slow"], { a: 5, b: 300 }, slow)).toEqual(["slow", "b", "new", "a"]);
  expect(longestFirst(["a", "b", "slow"], {}, slow)).toEqual(["slow", "a", "b"]);
  expect(longestFirst(["a", "slow"], { a: 5, slow: 1 }, slow)).toEqual(["a", "slow"]);
  expect(readTimes('{"a": 1, "b": "2"}')).toEqual({ a: 1 });
  expect(readTimes("")).toEqual({});
});

test("processor time is counted where the kernel does it, and a machine's group names the process that made it", () => {
  const v1 = {
    version: 1,
    mountPoint: "/c/cpu,cpuacct",
    options: "cpu,cpuacct",
    folder: "cpu,cpuacct",
  } as const;
  const beside = { version: 2, mountPoint: "/c/unified", options: "", folder: "unified" } as const;
  const only = { version: 2, mountPoint: "/c", options: "", folder: "" } as const;
  expect(countingHierarchy([beside, v1])).toBe(v1);
  expect(countingHierarchy([only])).toBe(only);
  expect(countingHierarchy([beside])).toBeUndefined();
  expect(makerOf("k0s-sandbox.t-4711-0a1b2c3d.m0")).toBe(4711);
  expect(makerOf("k0s-sandbox.docs-12.worker0")).toBe(12);
  for (const other of ["k0s-sandbox.mine.worker0", "k0s-test.1.x", "kubepods"])
    expect(makerOf(other)).toBeUndefined();
});
