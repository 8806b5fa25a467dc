import { expect, test } from "bun:test";
import type { StackRecord } from "./inventory.ts";
import { observedObject } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { intendedRecord, nextRecord } from "./stack-record.ts";

const place = { folder: { state: "present", inode: "7" }, parent: "1" } as const;
const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };
const write = { ref, file: "a.yaml", uid: undefined };
const nothing = { present: [], unseen: new Set<string>() };
const minute = 60_000;
const intend = (before: StackRecord | undefined, now: number, id = "x") =>
  intendedRecord(before, place, [write], { id, now });
const object: ObservedObject = observedObject({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default", uid: "u" },
});

test("an intention ends ten minutes after it was noted, not before, and not while its kind cannot be seen", () => {
  const record = intend(undefined, 0);
  expect(nextRecord(record, place, nothing, 9 * minute)).toEqual(record);
  expect(nextRecord(record, place, nothing, 10 * minute)).toBeUndefined();
  expect(nextRecord(record, place, { ...nothing, unseen: new Set(["|ConfigMap"]) }, 60 * minute)).toEqual(
    record,
  );
  // The clock was set back.
  expect(nextRecord(record, place, nothing, -10 * minute)).toBeUndefined();
});

test("tries that follow each other are noted as one, and the last has time, too", () => {
  const first = intend(undefined, 0);
  expect(intend(first, minute)).toEqual(first);
  const again = intend(first, 5 * minute);
  expect(Object.values(again?.intents ?? {})[0]?.at).toBe(5 * minute);
  const other = intend(first, minute, "y");
  expect(Object.values(other?.intents ?? {})[0]?.ids).toEqual(["x", "y"]);
});

test("what is there with its manifest is noted by its uid, and needs no intention any more", () => {
  const record = nextRecord(
    intend(undefined, 0),
    place,
    { ...nothing, present: [{ object, file: "a.yaml" }] },
    1,
  );
  expect(record).toEqual({ folder: "7", parent: "1", objects: { u: { file: "a.yaml", ...ref } } });
});

test("the folder in which objects were seen stays the one to recognise until some are seen in another one", () => {
  const before = { folder: "6", parent: "1", objects: { u: { file: "a.yaml", ...ref } } };
  expect(intend(before, 0)).toMatchObject({ folder: "6", objects: before.objects });
  expect(nextRecord(before, place, { ...nothing, present: [{ object, file: "a.yaml" }] }, 0)).toMatchObject({
    folder: "7",
  });
});
