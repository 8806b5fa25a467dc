import { expect, test } from "bun:test";
import { type Measurement, type Row, scenario } from "../row.ts";
import type { Variant } from "../variant.ts";
import { takePairs } from "./take.ts";

const beside: Variant = { env: { K0S_IDLE_GC: "off" } };
const { signal } = new AbortController();
const load: Row = { id: "load", what: "a load", unit: "s", command: "true", group: "write-load" };

interface Cluster {
  readonly name: string;
  loads: number;
}

/** Notes what is done to which of its clusters. */
function noted(measure: (cluster: Cluster) => number) {
  const events: string[] = [];
  const start: Measurement<Cluster> = {
    rows: [],
    always: true,
    measure: async ({ name }) => {
      events.push(`${name} starts`);
      return new Map();
    },
  };
  const loading: Measurement<Cluster> = {
    rows: [load],
    measure: async (cluster) => {
      cluster.loads++;
      events.push(`${cluster.name} ${cluster.loads}`);
      return new Map([["load", measure(cluster)]]);
    },
  };
  const make = async (variant: Variant): Promise<Cluster & AsyncDisposable> => {
    const name = variant === beside ? "beside" : "now";
    return { name, loads: 0, [Symbol.asyncDispose]: async () => void events.push(`${name} ends`) };
  };
  return { events, scenario: scenario({ name: "one", minutes: 1 }, make, [start, loading]) };
}

const take = (one: ReturnType<typeof noted>, runs: number) =>
  takePairs({ scenarios: [one.scenario], words: ["write-load"], runs, signal, beside });

test("loads of a pair follow each other on two clusters that were started once", async () => {
  const one = noted(({ name, loads }) => (name === "now" ? 10 * loads : 5));
  const { results, missing } = await take(one, 3);
  const loads = ["beside 1", "now 1", "now 2", "beside 2", "beside 3", "now 3"];
  expect(one.events).toEqual(["beside starts", "now starts", ...loads, "now ends", "beside ends"]);
  expect(results[0]?.pairs.map(({ ratio }) => ratio)).toEqual([2, 4, 6]);
  expect(missing).toEqual([]);
});

test("a load that fails costs its pair", async () => {
  const one = noted(({ name, loads }) => {
    if (name === "now" && loads === 1) throw new Error("no");
    return loads;
  });
  expect((await take(one, 2)).results[0]?.pairs.map(({ pair }) => pair)).toEqual([2]);
});

test("where one of the two does not start, nothing is taken and the other goes", async () => {
  const one = noted(() => 1);
  const { begin } = one.scenario;
  const broken = {
    ...one.scenario,
    begin: (variant: Variant, abort: AbortSignal) =>
      variant === beside ? begin!(variant, abort) : Promise.reject(new Error("no")),
  };
  const { results, missing } = await takePairs({
    scenarios: [broken],
    words: ["load"],
    runs: 1,
    signal,
    beside,
  });
  expect([results, missing]).toEqual([[], [load]]);
  expect(one.events).toEqual(["beside starts", "beside ends"]);
});
