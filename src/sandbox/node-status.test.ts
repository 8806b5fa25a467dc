import { expect, test } from "bun:test";
import type { ExecOptions, Machine } from "./machine.ts";
import { askNode } from "./node-status.ts";

function machineThat(exec: (signal: AbortSignal) => Promise<{ stdout: string }>): Machine {
  return {
    exec: (_: readonly string[], { signal }: ExecOptions) => exec(signal ?? new AbortController().signal),
  } as unknown as Machine;
}

const neverAnswers = machineThat(
  (signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
);
const going = new AbortController().signal;

test("a node that takes too long to answer has not answered yet: that is for the patience of whoever waits", async () => {
  expect(await askNode(neverAnswers, going, 20)).toBeUndefined();
});

test("one that has no k0s has not, either", async () => {
  expect(
    await askNode(
      machineThat(async () => ({ stdout: "" })),
      going,
    ),
  ).toBeUndefined();
});

test("who stops waiting is told so, and so is who cannot ask at all", async () => {
  const stop = new AbortController();
  const asking = askNode(neverAnswers, stop.signal, 60_000).catch(String);
  stop.abort(new Error("stopped"));
  expect(await asking).toBe("Error: stopped");
  const broken = machineThat(async () => {
    throw new Error("no such machine");
  });
  expect(await askNode(broken, going).catch(String)).toBe("Error: no such machine");
});
