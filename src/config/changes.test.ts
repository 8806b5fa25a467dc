import { expect, test } from "bun:test";
import { fieldChanges, shownChange } from "./changes.ts";
import { clusterConfigSchema } from "./cluster-config.ts";
import { pathText } from "./problem.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" });
const changes = (before: object, after: object) =>
  fieldChanges(schema.parse({ spec: before }), schema.parse({ spec: after }));
const texts = (before: object, after: object): string[] =>
  changes(before, after).map(
    ({ path, before: was, after: is }) =>
      `${pathText(path)}: ${JSON.stringify(was)} -> ${JSON.stringify(is)}`,
  );

test("the same configuration has no differences, also where it is written in another order", () => {
  expect(
    texts({ scheduler: { extraArgs: { a: "1", b: "2" } } }, { scheduler: { extraArgs: { b: "2", a: "1" } } }),
  ).toEqual([]);
});

test("fields that are added, changed and removed, each with its path", () => {
  expect(
    texts({ scheduler: { extraArgs: { a: "1", b: "2" } } }, { scheduler: { extraArgs: { b: "3", c: "4" } } }),
  ).toEqual([
    'spec.scheduler.extraArgs.a: "1" -> undefined',
    'spec.scheduler.extraArgs.b: "2" -> "3"',
    'spec.scheduler.extraArgs.c: undefined -> "4"',
  ]);
});

test("items of a list are compared by their names", () => {
  const [a, b] = [
    { name: "a", values: { maxPods: 1 } },
    { name: "b", values: { maxPods: 2 } },
  ];
  expect(texts({ workerProfiles: [a, b] }, { workerProfiles: [b] })).toEqual([
    `spec.workerProfiles[0]: ${JSON.stringify(a)} -> undefined`,
  ]);
  expect(
    texts({ workerProfiles: [a, b] }, { workerProfiles: [{ ...a, values: { maxPods: 3 } }, b] }),
  ).toEqual(["spec.workerProfiles[0].values.maxPods: 1 -> 3"]);
  expect(texts({ workerProfiles: [a, b] }, { workerProfiles: [b, a] })).toHaveLength(1);
});

test("a password is not shown, also where it alone differs", () => {
  const charts = (password: string) => ({
    extensions: {
      helm: { repositories: [{ name: "r", url: "https://r.example", username: "u", password }] },
    },
  });
  const [change] = changes(charts("one"), charts("other"));
  if (change === undefined) throw new Error("no difference");
  expect(change.after).toBe("other");
  expect(shownChange(change)).toMatchObject({ before: "xxxxx", after: "xxxxx" });
  const [added] = changes({}, charts("other"));
  if (added === undefined) throw new Error("no difference");
  expect(JSON.stringify(shownChange(added))).not.toContain("other");
});
