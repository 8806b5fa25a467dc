import { expect, test } from "bun:test";
import { isChosen, unknownWords } from "./choice.ts";
import type { Row } from "./row.ts";
import { scenarios } from "./scenarios.ts";

const row = (id: string, group?: "write-load"): Row => ({
  id,
  what: id,
  unit: "s",
  command: "true",
  ...(group === undefined ? {} : { group }),
});
const start = row("start");
const load = row("load", "write-load");
const one = { name: "one", rows: [start, load] };
const rare = { name: "rare", rows: [load], onDemand: true } as const;

test("a row is chosen by itself, its group, its scenario, or its group in its scenario", () => {
  const chosenBy = (word: string): readonly string[] =>
    one.rows.filter((each) => isChosen([word], one, each)).map(({ id }) => id);
  expect(chosenBy("start")).toEqual(["start"]);
  expect(chosenBy("one")).toEqual(["start", "load"]);
  expect(chosenBy("write-load")).toEqual(["load"]);
  expect(chosenBy("one/write-load")).toEqual(["load"]);
  expect(chosenBy("rare/write-load")).toEqual([]);
});

test("a whole run has what need not be asked for", () => {
  expect(isChosen([], one, start)).toBe(true);
  expect(isChosen([], rare, load)).toBe(false);
  expect(isChosen(["rare"], rare, load)).toBe(true);
});

test("a word that chooses nothing is told", () => {
  expect(unknownWords(["one", "write-load", "rare/write-load", "one/idle", "x"], [one, rare])).toEqual([
    "one/idle",
    "x",
  ]);
});

test("a whole run of everything stays within 20 minutes, and no two rows have one name", () => {
  const whole = scenarios.filter(({ onDemand }) => onDemand !== true);
  expect(whole.reduce((sum, { minutes }) => sum + minutes, 0)).toBeLessThanOrEqual(20);
  const ids = scenarios.flatMap(({ rows }) => rows.map(({ id }) => id));
  expect(ids.length).toBe(new Set(ids).size);
});
