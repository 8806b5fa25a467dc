import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Logger } from "../std/log.ts";
import { lineBudget } from "./line-budget.ts";
import { componentOutput, splitLines } from "./output.ts";
import { recordingLog } from "./testdata/recording-log.ts";
import type { Logged } from "./testdata/recording-log.ts";

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(
  text: string,
  sizes: readonly number[] = [65_536],
): Promise<{ text: string; chunk?: number }[]> {
  return Array.fromAsync(splitLines(chunksOf(Buffer.from(text), sizes)));
}

const streamOf = (text: string): ReadableStream<Uint8Array> => new Blob([text]).stream();

test("lines are the same however the bytes arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, ""))),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 5 }),
      async (lines, sizes) => {
        const text = lines.map((line) => `${line}\n`).join("");
        expect((await linesOf(text, sizes)).map((line) => line.text)).toEqual(
          lines.map((line) => line.toWellFormed()),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test("a line that is too long is cut at characters and counted", async () => {
  const long = "ü".repeat(20_000);
  const lines = await linesOf(`${long}\nshort\nlast`, [7_777]);
  expect(lines.map(({ chunk }) => chunk)).toEqual([0, 1, 2, undefined, undefined]);
  expect(
    lines
      .slice(0, 3)
      .map(({ text }) => text)
      .join(""),
  ).toBe(long);
  expect(lines.slice(3).map(({ text }) => text)).toEqual(["short", "last"]);
});

test("chatter is kept for reports but not logged; a stack trace follows its first line", async () => {
  const logged: Logged[] = [];
  const output = componentOutput({ log: recordingLog(logged), level: "warn", keep: 4 });
  const text = [
    "I1123 09:29:00.123456   12 a.go:1] starting",
    "E1123 09:29:01.123456   12 a.go:1] failed",
    "\tat some place",
    "I1123 09:29:02.123456   12 a.go:1] going on",
    "  with detail",
    "",
    "panic: boom",
  ].join("\n");
  await output.consume(streamOf(text), "stderr");
  expect(logged.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "error E1123 09:29:01.123456   12 a.go:1] failed",
    "error \tat some place",
    "warn panic: boom",
  ]);
  expect(logged[0]?.fields).toEqual({ stream: "stderr" });
  expect(output.lastLines()).toEqual([
    "\tat some place",
    "I1123 09:29:02.123456   12 a.go:1] going on",
    "  with detail",
    "panic: boom",
  ]);
});

test("the last words of a process are its own, and what it chats does not push the error out", async () => {
  const output = componentOutput({ log: recordingLog([]), level: "warn", keep: 3 });
  const error = "E1123 09:29:01.1 1 run.go:72] command failed";
  const chat = Array.from({ length: 9 }, (_, turn) => `I1123 09:29:02.1 1 a.go:1] flag ${turn}`);
  await output.consume(streamOf(["panic: of an earlier one", ""].join("\n")), "stderr");
  output.beginLife();
  await output.consume(streamOf([error, ...chat, "\tmain.go:7", ""].join("\n")), "stderr");
  expect(output.wordsOfLife()).toEqual([error, chat.at(-1) ?? "", "\tmain.go:7"]);
  output.beginLife();
  expect(output.wordsOfLife()).toEqual([]);
});

test("what is shown can change while it prints, all of it without a limit, and back", async () => {
  const logged: Logged[] = [];
  const output = componentOutput({ log: recordingLog(logged), level: "warn" });
  const say = (lines: number): Promise<void> =>
    output.consume(
      streamOf("I1123 09:29:00.1 1 a.go:1] said\ntime=x level=debug msg=small\n".repeat(lines)),
      "stderr",
    );
  await say(1);
  expect(logged).toEqual([]);
  output.show("debug");
  await say(50);
  // The log's own level must not take them away again.
  expect(logged.map(({ level }) => level)).toEqual(Array.from({ length: 100 }, () => "info"));
  output.show(undefined);
  await say(1);
  expect(logged).toHaveLength(100);
});

test("a component whose level asks for everything logs everything", async () => {
  const logged: Logged[] = [];
  await componentOutput({ log: recordingLog(logged), level: "debug" }).consume(
    streamOf("I1123 09:29:00.1 1 a.go:1] x\n"),
    "stdout",
  );
  expect(logged).toEqual([
    { level: "info", message: "I1123 09:29:00.1 1 a.go:1] x", fields: { stream: "stdout" } },
  ]);
});

test("noise of one level does not silence another", async () => {
  const logged: Logged[] = [];
  const noise = Array.from({ length: 500 }, () => "W1123 09:29:00.1 1 a.go:1] again\n").join("");
  const text = `${noise}E1123 09:29:00.1 1 a.go:1] the disk is full\n`;
  await componentOutput({ log: recordingLog(logged), level: "warn" }).consume(streamOf(text), "stderr");
  expect(logged.map(({ message }) => message).at(-1)).toBe("E1123 09:29:00.1 1 a.go:1] the disk is full");
  expect(logged.length).toBeLessThan(20);
});

test("nothing that goes wrong with a line ends the reading", async () => {
  const fail = (): never => {
    throw new Error("ENOSPC");
  };
  const log: Logger = { debug: fail, info: fail, warn: fail, error: fail, with: () => log };
  const output = componentOutput({ log, level: "warn" });
  await output.consume(streamOf("panic: one\npanic: two\n"), "stderr");
  expect(output.lastLines()).toEqual(["panic: one", "panic: two"]);
});

test("a flood is held back, counted, and reported with the next line that passes", () => {
  const budget = lineBudget(3, 1);
  const at = (ms: number) => budget.take(ms);
  expect([at(0), at(0), at(0), at(0), at(500)].map(({ allowed }) => allowed)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(at(1200)).toEqual({ allowed: true, heldBack: 2, exhausted: false });
  expect(at(1300)).toEqual({ allowed: false, heldBack: 0, exhausted: true });
});

test("no more lines pass than the budget allows, and none is forgotten", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 200 }), (gaps) => {
      const budget = lineBudget(5, 1);
      let now = 0;
      let passed = 0;
      let reported = 0;
      let pending = 0;
      for (const gap of gaps) {
        now += gap;
        const { allowed, heldBack } = budget.take(now);
        if (allowed) {
          passed += 1;
          reported += heldBack;
          pending = 0;
        } else pending += 1;
      }
      expect(passed).toBeLessThanOrEqual(5 + now / 1000);
      expect(passed + reported + pending).toBe(gaps.length);
    }),
  );
});

test("what a component says while it is being stopped is no news", async () => {
  const logged: Logged[] = [];
  const output = componentOutput({ log: recordingLog(logged), level: "warn" });
  output.expectEnd(true);
  await output.consume(streamOf("E1123 09:29:00.1 1 a.go:1] finished without leader elect\n"), "stderr");
  expect(logged).toEqual([]);
  expect(output.lastLines()).toHaveLength(1);
});
