import { expect, test } from "bun:test";
import { KubeConnectionError, KubeError } from "../kube/errors.ts";
import type { StackRecord } from "./inventory.ts";
import { observedObject } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { StackError, stepFailure } from "./stack-failure.ts";
import { intendedRecord, nextRecord, withoutRefused } from "./stack-record.ts";

const place = { folder: { state: "present", identity: "7" }, parent: "1" } as const;
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

test("an intention whose request was refused goes, unless an earlier one may still come true", () => {
  const failed = (err: unknown) => new StackError([stepFailure(ref, "a.yaml", err)]);
  const no = failed(new KubeError({ status: 422, message: "no" }));
  const record = intend(undefined, 0);
  const after = withoutRefused(record, undefined, no);
  expect(after?.intents).toBeUndefined();
  expect(nextRecord(after, place, nothing, 1)).toBeUndefined();
  const unknown = failed(new KubeError({ status: 404, reason: "NoKindMatch", message: "no" }));
  expect(withoutRefused(record, undefined, unknown)?.intents).toBeUndefined();
  expect(withoutRefused(record, record, no)).toEqual(record);
  for (const err of [
    new KubeConnectionError("reset", undefined),
    new KubeError({ status: 504, message: "" }),
  ])
    expect(withoutRefused(record, undefined, failed(err))).toEqual(record);
  expect(withoutRefused(record, undefined, undefined)).toEqual(record);
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
