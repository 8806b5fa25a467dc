import { describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, nat, property, record, tuple } from "fast-check";
import type { Health } from "./endpoint-health.ts";
import { EndpointPool } from "./endpoint-pool.ts";

const healths: readonly Health[] = ["well", "slow", "not ready", "silent", "down"];

const poolOf = (...addresses: string[]): EndpointPool => {
  const pool = new EndpointPool(() => 0);
  pool.replace(addresses);
  return pool;
};

test("connections take turns", () => {
  const pool = poolOf("a", "b", "c");
  expect([pool.order()[0], pool.order()[0], pool.order()[0], pool.order()[0]]).toEqual(["a", "b", "c", "a"]);
});

test("what stays in the list keeps its state, what comes and leaves is told", () => {
  const pool = poolOf("a", "b");
  pool.found("b", { health: "down" }, 0);
  expect(pool.replace(["b", "c"])).toEqual({ added: ["c"], gone: ["a"] });
  expect(pool.list()).toEqual([
    { address: "b", health: "down" },
    { address: "c", health: "well" },
  ]);
  expect(pool.found("a", { health: "well" }, 0)).toBeUndefined();
});

describe("of an endpoint's connections", () => {
  test("none leave one that is slow, for however long", () => {
    const pool = poolOf("a", "b");
    for (let second = 0; second < 3_600; second += 10) {
      pool.found("a", { health: "slow" }, second * 1000);
      expect(pool.leaving("a", 100, second * 1000)).toBe(0);
    }
    expect(pool.order()[0]).toBe("b");
  });

  test("half leave one that is silent at each look, until there are none", () => {
    const pool = poolOf("a", "b");
    pool.found("a", { health: "silent" }, 0);
    const left = [5];
    while (left.at(-1) !== 0) left.push((left.at(-1) ?? 0) - pool.leaving("a", left.at(-1) ?? 0, 0));
    expect(left).toEqual([5, 2, 1, 0]);
  });

  test("half leave one that is not ready, once it has had time to get so", () => {
    const pool = poolOf("a", "b");
    pool.found("a", { health: "not ready" }, 0);
    pool.found("a", { health: "not ready" }, 9_000);
    expect(pool.leaving("a", 4, 9_999)).toBe(0);
    expect(pool.leaving("a", 4, 10_000)).toBe(2);
    pool.found("a", { health: "well" }, 10_000);
    pool.found("a", { health: "not ready" }, 11_000);
    expect(pool.leaving("a", 4, 12_000)).toBe(0);
  });

  test("all leave one that is down", () => {
    const pool = poolOf("a", "b");
    pool.found("a", { health: "down" }, 0);
    expect(pool.leaving("a", 7, 0)).toBe(7);
  });

  test("law: none leave while no other endpoint is well, and none leave one that answers", () => {
    const finding = tuple(nat(3), constantFrom(...healths));
    assert(
      property(array(finding), nat(3), integer({ min: 0, max: 50 }), (findings, at, connections) => {
        const pool = poolOf("e0", "e1", "e2", "e3");
        findings.forEach(([index, health], turn) => pool.found(`e${index}`, { health }, turn * 5_000));
        const states = new Map(pool.list().map(({ address, health }) => [address, health]));
        const leaving = pool.leaving(`e${at}`, connections, findings.length * 5_000);
        expect(leaving).toBeLessThanOrEqual(connections);
        const elsewhere = [...states].some(([address, health]) => address !== `e${at}` && health === "well");
        const own = states.get(`e${at}`);
        if (!elsewhere || own === "well" || own === "slow") expect(leaving).toBe(0);
      }),
    );
  });
});

test("law: every endpoint is tried, the better ones first", () => {
  const event = record({ index: nat(4), health: constantFrom(...healths), turn: boolean() });
  assert(
    property(integer({ min: 1, max: 5 }), array(event), (count, events) => {
      const addresses = Array.from({ length: count }, (_, index) => `e${index}`);
      const pool = poolOf(...addresses);
      for (const { index, health, turn } of events) {
        pool.found(`e${index}`, { health }, 0);
        if (turn) pool.order();
      }
      const order = pool.order();
      expect(order.toSorted()).toEqual(addresses);
      const states = new Map(pool.list().map((state) => [state.address, state.health]));
      const ranks = order.map((address) => healths.indexOf(states.get(address) ?? "well"));
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    }),
  );
});
