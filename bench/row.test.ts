import { expect, test } from "bun:test";
import { type Measurement, type Row, scenario } from "./row.ts";

const row = (id: string): Row => ({ id, what: id, unit: "s", command: "true" });

/** A run of `measurements` on a subject that remembers that it was disposed of. */
async function runOf(
  measurements: readonly Measurement<object>[],
  signal = new AbortController().signal,
  wanted?: readonly string[],
) {
  const figures: [string, number][] = [];
  let disposed = false;
  const subject = {
    [Symbol.asyncDispose]: async () => {
      disposed = true;
    },
  };
  const { rows, run } = scenario({ name: "s", minutes: 1 }, async () => subject, measurements);
  const failure = await run({
    wanted: new Set(wanted ?? rows.map(({ id }) => id)),
    report: (id, value) => figures.push([id, value]),
    signal,
    variant: {},
  }).then(
    () => undefined,
    (err: unknown) => err,
  );
  return { figures, failure, disposed };
}

const first: Measurement<object> = { rows: [row("a")], measure: async () => new Map([["a", 1]]) };

test("a failure costs nothing that was measured before it", async () => {
  const broken = new Error("no");
  const result = await runOf([first, { rows: [row("b")], measure: () => Promise.reject(broken) }]);
  expect(result).toEqual({ figures: [["a", 1]], failure: broken, disposed: true });
});

test("work that hears of no signal is left when it aborts, and its subject goes", async () => {
  const stopping = new AbortController();
  const reason = new Error("ended");
  const deaf: Measurement<object> = {
    rows: [row("b")],
    measure: () => {
      stopping.abort(reason);
      return new Promise(() => undefined);
    },
  };
  const result = await runOf([first, deaf], stopping.signal);
  expect(result).toEqual({ figures: [["a", 1]], failure: reason, disposed: true });
});

test("what later ones need is done even if its rows are not wanted, and nothing else is", async () => {
  const done: string[] = [];
  const noting = (id: string, always?: true): Measurement<object> => ({
    rows: [row(id)],
    ...(always === undefined ? {} : { always }),
    measure: async () => {
      done.push(id);
      return new Map();
    },
  });
  const all = [noting("start", true), noting("load"), noting("restart")];
  await runOf(all, new AbortController().signal, ["restart"]);
  expect(done).toEqual(["start", "restart"]);
});
