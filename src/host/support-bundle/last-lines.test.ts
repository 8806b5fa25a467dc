import { expect, test } from "bun:test";
import type { LogLine } from "../logs/line.ts";
import { lastLines } from "./last-lines.ts";

const line = (text: string): LogLine => ({ text, time: undefined, component: "k0s" });
const never = new AbortController().signal;

async function* listed(texts: readonly string[], end?: () => Promise<void>): AsyncGenerator<LogLine> {
  yield* texts.map(line);
  await end?.();
}

test("the last lines that have room, oldest first", async () => {
  expect(await lastLines(listed(["c", "b", "a"]), 100, never)).toEqual({ text: "a\nb\nc\n", inTime: true });
  expect(await lastLines(listed(["c", "b", "a"]), 5, never)).toEqual({ text: "b\nc\n", inTime: true });
  expect(await lastLines(listed([]), 5, never)).toEqual({ text: "", inTime: true });
});

test("what was read before time was over is there, also of a log that hangs or ends by it", async () => {
  const hang = (): Promise<void> => new Promise(() => undefined);
  expect(await lastLines(listed(["c", "b"], hang), 100, AbortSignal.timeout(20))).toEqual({
    text: "b\nc\n",
    inTime: false,
  });
  const over = AbortSignal.timeout(20);
  const end = async (): Promise<void> => Bun.sleep(40);
  expect(await lastLines(listed(["c"], end), 100, over)).toEqual({ text: "c\n", inTime: false });
});

test("a log that fails says so, and one that was read enough is ended", async () => {
  const fail = async (): Promise<void> => {
    throw new Error("a reason");
  };
  expect(await lastLines(listed(["c"], fail), 100, never).catch(String)).toBe("Error: a reason");
  let ended = false;
  const endless = async function* (): AsyncGenerator<LogLine> {
    try {
      for (;;) yield line("again");
    } finally {
      ended = true;
    }
  };
  expect((await lastLines(endless(), 20, never)).text).toBe("again\nagain\nagain\n");
  expect(ended).toBe(true);
});
