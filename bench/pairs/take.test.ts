import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/std/errors.ts";
import { sleep } from "../../src/std/wait.ts";
import type { Group, Row, Scenario } from "../row.ts";
import type { Variant } from "../variant.ts";
import { takePairs } from "./take.ts";

const row = (id: string, group?: Group): Row => ({
  id,
  what: id,
  unit: "s",
  command: "true",
  ...(group === undefined ? {} : { group }),
});
const beside: Variant = { env: { K0S_IDLE_GC: "off" } };
const { signal } = new AbortController();

/** Remembers its runs; `figure` is told which run it is. */
function counted(rows: readonly Row[], figure: (run: number) => Promise<number>, facts?: Partial<Scenario>) {
  const variants: Variant[] = [];
  const scenario: Scenario = {
    name: "one",
    minutes: 1,
    rows,
    run: async ({ variant, report, wanted }) => {
      variants.push(variant);
      const value = await figure(variants.length);
      for (const id of wanted) report(id, value);
    },
    ...facts,
  };
  return { scenario, variants };
}

test("two take turns, and who was first in a pair is second in the next", async () => {
  const { scenario, variants } = counted([row("load")], async (run) => run);
  const options = { scenarios: [scenario], words: ["load"], runs: 2, signal, beside };
  const { results, missing } = await takePairs(options);
  expect(variants).toEqual([beside, {}, {}, beside]);
  expect(results[0]?.pairs).toEqual([
    { pair: 1, beside: 1, now: 2, ratio: 2 },
    { pair: 2, beside: 4, now: 3, ratio: 0.75 },
  ]);
  expect(results[0]?.ratio).toBe(1.375);
  expect(missing).toEqual([]);
});

test("a run that fails costs its pair, and a row without any pair is missing", async () => {
  const failing = (runs: readonly number[]) => async (run: number) => {
    if (runs.includes(run)) throw new Error("no");
    return run;
  };
  const take = (runs: readonly number[]) =>
    takePairs({
      scenarios: [counted([row("load")], failing(runs)).scenario],
      words: ["load"],
      runs: 2,
      signal,
      beside,
    });
  expect((await take([2])).results[0]?.pairs).toEqual([{ pair: 2, beside: 4, now: 3, ratio: 0.75 }]);
  expect((await take([2, 3])).missing.map(({ id }) => id)).toEqual(["load"]);
});

test("idle memory is taken of both at a time, each with a file of its own, which is gone afterwards", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bench-test-"));
  const k0s = join(dir, "k0s");
  await writeFile(k0s, "a k0s");
  let running = 0;
  let most = 0;
  const contents: string[] = [];
  const { scenario, variants } = counted([row("pss", "idle-memory")], async () => 1, {
    run: async ({ variant, report }) => {
      variants.push(variant);
      most = Math.max(most, ++running);
      if (variant.k0s !== undefined) contents.push(await readFile(variant.k0s, "utf8"));
      await sleep(50);
      running--;
      report("pss", 1);
    },
  });
  const options = { scenarios: [scenario], words: ["idle-memory"], runs: 1, signal, headStartMs: 5 };
  const { results } = await takePairs({ ...options, beside: { ...beside, k0s } });
  expect(results[0]?.pairs.length).toBe(1);
  expect(most).toBe(2);
  const [first, second] = variants;
  expect(first?.env).toEqual(beside.env);
  expect(second).toEqual({});
  expect(contents).toEqual(["a k0s"]);
  expect(first?.k0s).not.toBe(k0s);
  expect(existsSync(first?.k0s ?? dir)).toBe(false);
  await rm(dir, { recursive: true });
});

test("processor time beside memory is taken in turns", async () => {
  let running = 0;
  const rows = [row("pss", "idle-memory"), row("cpu")];
  const { scenario } = counted(rows, async () => {
    expect(++running).toBe(1);
    await sleep(10);
    return running--;
  });
  const options = { scenarios: [scenario], words: ["one"], runs: 1, signal, beside, headStartMs: 0 };
  expect((await takePairs(options)).results.map(({ id }) => id)).toEqual(["pss", "cpu"]);
});

test("what has no pairs is refused before anything runs", async () => {
  const { scenario, variants } = counted([row("load")], async () => 1);
  const build = counted([row("build")], async () => 1, { name: "build", noPairs: true });
  const options = { scenarios: [scenario, build.scenario], runs: 1, signal, beside };
  expect(takePairs({ ...options, words: [] })).rejects.toBeInstanceOf(UserError);
  expect(takePairs({ ...options, words: ["one", "build"] })).rejects.toThrow("build is of this checkout");
  expect(variants).toEqual([]);
});

test("an aborted bench begins no further run", async () => {
  const stopping = new AbortController();
  const { scenario, variants } = counted([row("load")], async (run) => {
    stopping.abort(new Error("ended"));
    return run;
  });
  const options = { scenarios: [scenario], words: ["load"], runs: 3, beside };
  const { missing } = await takePairs({ ...options, signal: stopping.signal });
  expect(variants.length).toBe(1);
  expect(missing.length).toBe(1);
});
