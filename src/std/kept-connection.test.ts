import { expect, test } from "bun:test";
import { keptConnection } from "./kept-connection.ts";

/** Connections are numbers; those in `broken` fail every question. */
function world() {
  const broken = new Set<number>();
  const ended: number[] = [];
  let opened = 0;
  const kept = keptConnection(
    () => ++opened,
    (one) => void ended.push(one),
  );
  const question = async (one: number): Promise<number> => {
    if (broken.has(one)) throw new Error(`${one} is broken`);
    return one;
  };
  const ask = (signal = new AbortController().signal): Promise<number> => kept.ask(question, signal);
  return { broken, ended, kept, ask };
}

test("it lasts from question to question, until it is closed", async () => {
  const { ended, kept, ask } = world();
  expect([await ask(), await ask()]).toEqual([1, 1]);
  kept.close();
  kept.close();
  expect(ended).toEqual([1]);
  expect(await ask()).toBe(2);
});

test("one of before that fails is replaced within the question, a new one is not", async () => {
  const { broken, ended, ask } = world();
  broken.add(1);
  expect(await ask().catch(String)).toBe("Error: 1 is broken");
  expect(await ask()).toBe(2);
  broken.add(2).add(3);
  expect(await ask().catch(String)).toBe("Error: 3 is broken");
  expect(ended).toEqual([1, 2, 3]);
  expect(await ask()).toBe(4);
});

test("a question that was ended is not asked again", async () => {
  const { broken, ended, ask } = world();
  await ask();
  broken.add(1);
  expect(await ask(AbortSignal.abort(new Error("no more"))).catch(String)).toBe("Error: no more");
  expect(ended).toEqual([1]);
});
