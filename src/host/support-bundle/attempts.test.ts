import { expect, test } from "bun:test";
import { attempts } from "./attempts.ts";

const never = new AbortController().signal;
const hang = (): Promise<string> => new Promise(() => undefined);

test("what fails or hangs is noted, and the rest is there", async () => {
  const all = attempts(never, 30);
  const fail = async (): Promise<string> => {
    throw new Error("a reason");
  };
  expect(
    await Promise.all([all.at("a", async (path) => path), all.at("b", fail), all.at("c", hang)]),
  ).toEqual(["a", undefined, undefined]);
  expect(all.failed).toEqual([
    { path: "b", why: "a reason" },
    { path: "c", why: "not within 30 ms" },
  ]);
});

test("a signal ends it", async () => {
  const stop = new AbortController();
  const hanging = attempts(stop.signal, 60_000).at("a", hang);
  stop.abort(new Error("ended by SIGINT"));
  expect(await hanging.catch(String)).toBe("Error: ended by SIGINT");
});
