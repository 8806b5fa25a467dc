import { expect, test } from "bun:test";
import type { ClusterConfigObject } from "./object.ts";
import { objectOutcomes } from "./object-outcome.ts";
import { clusterConfigRef } from "./reference.ts";

const plan = { changes: [], refused: [], steps: [] };

function version(uid: string, generation: number, resourceVersion: string): ClusterConfigObject {
  const { apiVersion, kind, namespace, name } = clusterConfigRef;
  return { apiVersion, kind, metadata: { namespace, name, uid, generation, resourceVersion }, spec: {} };
}

test("what became of an object that was deleted says nothing of the one that was made in its place", async () => {
  const outcomes = objectOutcomes();
  outcomes.note(version("first", 7, "99"), { plan });
  const wanted = version("second", 2, "105");
  expect(outcomes.since(wanted)).toBeUndefined();
  let settled = false;
  const told = outcomes.next(wanted, new AbortController().signal).finally(() => (settled = true));
  outcomes.note(version("first", 8, "100"), { err: new Error("of the first") });
  outcomes.note(version("second", 1, "103"), { err: new Error("as it was made") });
  await Bun.sleep(1);
  expect(settled).toBe(false);
  outcomes.note(version("third", 1, "110"), { plan });
  expect(await told).toBe(plan);
  expect(outcomes.since(wanted)).toEqual({ plan });
});
