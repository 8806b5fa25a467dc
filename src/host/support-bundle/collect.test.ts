import { expect, test } from "bun:test";
import { type Collector, collectAll } from "./collect.ts";

const never = new AbortController().signal;

test("a part that fails or hangs costs its own files, and only those that it has not handed over", async () => {
  const parts: readonly Collector[] = [
    { name: "well", collect: async (add) => add({ path: "a", text: "1" }) },
    {
      name: "fails",
      collect: async (add) => {
        add({ path: "b", text: "2" });
        throw new Error("a reason");
      },
    },
    {
      name: "hangs",
      collect: (add) => {
        add({ path: "c", text: "3" });
        return new Promise(() => undefined);
      },
    },
  ];
  const { files, missing } = await collectAll(parts, { timeoutMs: 30, signal: never });
  expect(files.map(({ path }) => path)).toEqual(["a", "b", "c"]);
  expect(missing).toEqual([
    { part: "fails", why: "a reason" },
    { part: "hangs", why: "not within 30 ms" },
  ]);
});

test("a signal ends it", async () => {
  const stop = new AbortController();
  const hangs: Collector = { name: "hangs", collect: () => new Promise(() => undefined) };
  const collecting = collectAll([hangs], { timeoutMs: 60_000, signal: stop.signal });
  stop.abort(new Error("ended by SIGINT"));
  expect(collecting).rejects.toThrow("ended by SIGINT");
});
