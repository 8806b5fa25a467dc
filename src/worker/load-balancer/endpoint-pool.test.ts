import { expect, test } from "bun:test";
import { array, assert, boolean, integer, nat, property, record } from "fast-check";
import { EndpointPool } from "./endpoint-pool.ts";

const poolOf = (...addresses: string[]): EndpointPool => {
  const pool = new EndpointPool(() => 0);
  pool.replace(addresses);
  return pool;
};

test("connections take turns", () => {
  const pool = poolOf("a", "b", "c");
  expect([pool.order()[0], pool.order()[0], pool.order()[0], pool.order()[0]]).toEqual(["a", "b", "c", "a"]);
});

test("one lost probe is nothing, two are a failure, a refused connection is one at once", () => {
  const pool = poolOf("a", "b");
  expect(pool.failed("a")).toBe(false);
  expect(pool.failed("a")).toBe(true);
  expect(pool.order()).toEqual(["b", "a"]);
  pool.succeeded("a");
  expect(pool.failed("a", { sure: true })).toBe(true);
});

test("connections are not moved when there is nowhere to move to", () => {
  const pool = poolOf("a", "b");
  expect(pool.failed("a", { sure: true })).toBe(true);
  expect(pool.failed("b", { sure: true })).toBe(false);
});

test("what stays in the list keeps its state, what leaves is told", () => {
  const pool = poolOf("a", "b");
  pool.failed("b", { sure: true });
  expect(pool.replace(["b", "c"])).toEqual(["a"]);
  expect(pool.list().find(({ address }) => address === "b")?.healthy).toBe(false);
});

test("every endpoint is tried, the healthy ones first", () => {
  const event = record({ index: nat(4), sure: boolean(), ok: boolean() });
  assert(
    property(integer({ min: 1, max: 5 }), array(event), (count, events) => {
      const addresses = Array.from({ length: count }, (_, index) => `e${index}`);
      const pool = poolOf(...addresses);
      for (const { index, sure, ok } of events) {
        if (ok) pool.succeeded(`e${index}`);
        else pool.failed(`e${index}`, { sure });
      }
      const order = pool.order();
      expect(order.toSorted()).toEqual(addresses);
      const health = new Map(pool.list().map((state) => [state.address, state.healthy]));
      const firstDown = order.findIndex((address) => health.get(address) === false);
      if (firstDown !== -1)
        expect(order.slice(firstDown).some((address) => health.get(address) === true)).toBe(false);
    }),
  );
});
