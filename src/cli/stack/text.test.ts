import { expect, test } from "bun:test";
import type { StackStatus } from "../../deployer/stack-status.ts";
import { diffData, diffText, isSame } from "./diff-text.ts";
import type { StackDiff } from "./diff-text.ts";
import { mergedStacks } from "./known-stacks.ts";
import { isWell, listText, stackData, statusText } from "./text.ts";

const now = Date.parse("2026-11-26T12:00:00Z");
const applied: StackStatus = {
  phase: "Applied",
  since: "2026-11-26T10:00:00Z",
  changedAt: "2026-11-26T11:59:15Z",
  controller: "c1",
  objects: 12,
  problems: [],
  kept: [{ objects: ["ConfigMap default/a", "ConfigMap default/b"], more: 1, why: "not ours" }],
  left: [{ object: "Deployment default/web", field: ".spec.replicas", by: "kubectl (scale)" }],
  notes: ["/m/shop/x.yml: only files named *.yaml are read"],
  repaired: { at: "2026-11-26T11:00:00Z", times: 3, objects: ["ConfigMap default/c"] },
};
const failed: StackStatus = {
  ...applied,
  phase: "Failed",
  problems: [
    { object: "ConfigMap default/a", place: "a.yaml:12", message: "denied" },
    { message: "/m/bad/b.yaml:1:5  bad indentation" },
  ],
  moreProblems: 4,
  kept: [],
  left: [],
  notes: [],
};
const stacks = mergedStacks(
  new Map([
    ["shop", applied],
    ["bad", failed],
  ]),
  ["new", "shop"],
);

test("a line a stack, with the most important word, also for a folder that nobody has looked at", () => {
  expect(listText(stacks, now)).toBe(
    [
      "STACK   STATUS    OBJECTS   SINCE   MESSAGE",
      "bad     Failed    12        2 h     ConfigMap default/a (a.yaml:12): denied (and 5 more)",
      "new     Pending                     no leading controller has looked at this folder",
      "shop    Applied   12        2 h     3 objects are left as they are, 1 field is left to who set it, 1 note, repaired 3 times",
      "",
    ].join("\n"),
  );
  expect(stacks.map(isWell)).toEqual([false, false, true]);
});

test("all that is known of a stack", () => {
  const [bad, , shop] = stacks;
  if (bad === undefined || shop === undefined) throw new Error("no stacks");
  expect(statusText([shop, bad], now, false)).toBe(
    [
      "shop: Applied since 2 h ago, 12 objects, by c1",
      "  changed      45 s ago",
      "  left as is   ConfigMap default/a, ConfigMap default/b and 1 more: not ours",
      "  not taken    Deployment default/web: .spec.replicas is kubectl (scale)'s, who set it",
      "  note         /m/shop/x.yml: only files named *.yaml are read",
      "  repaired     3 times, last 1 h ago: ConfigMap default/c",
      "",
      "bad: Failed since 2 h ago, 12 objects, by c1",
      "  changed      45 s ago",
      "  failed       ConfigMap default/a (a.yaml:12): denied",
      "  failed       /m/bad/b.yaml:1:5  bad indentation",
      "               and 4 more",
      "  repaired     3 times, last 1 h ago: ConfigMap default/c",
      "",
    ].join("\n"),
  );
});

test("data has everything, and whether this host has the folder", () => {
  expect(stackData(stacks, [])).toEqual({
    charts: [],
    stacks: [
      { name: "bad", ...failed, folder: false },
      { name: "new", phase: "Pending", folder: true },
      { name: "shop", ...applied, folder: true },
    ],
  });
});

const ref = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name });
const shop: StackDiff = {
  stack: "shop",
  problems: [],
  objects: [
    { action: "create", ref: ref("a"), place: "a.yaml:1", changes: [] },
    {
      action: "change",
      ref: ref("b"),
      place: "a.yaml:7",
      changes: [
        { field: ".data.key", before: "1", after: "2" },
        { field: ".data.long", before: undefined, after: "x".repeat(500) },
        { field: ".data.old", before: 1, after: undefined },
      ],
      left: [{ field: ".spec.replicas", by: "kubectl (scale)" }],
    },
    { action: "delete", ref: ref("c"), why: "its manifest is gone" },
    { action: "same", ref: ref("d") },
  ],
};

test("a difference, field by field", () => {
  const bad: StackDiff = { stack: "bad", problems: ["/m/bad/a.yaml:3  no"], objects: [] };
  expect(diffText([shop, bad], false)).toBe(
    [
      "shop: 1 to create, 1 to change, 1 to delete, 1 as in the manifests",
      "  + ConfigMap default/a (a.yaml:1)",
      "  ~ ConfigMap default/b (a.yaml:7)",
      '      .data.key: "1" -> "2"',
      `      .data.long: "${"x".repeat(119)}… is added`,
      "      .data.old: 1 is removed",
      "      .spec.replicas: left to kubectl (scale), who set it",
      "  - ConfigMap default/c: its manifest is gone",
      "bad: nothing is applied",
      "  ! /m/bad/a.yaml:3  no",
      "",
    ].join("\n"),
  );
  expect([shop, bad].map(isSame)).toEqual([false, false]);
  const same = { ...shop, objects: shop.objects.slice(3) };
  expect(isSame(same)).toBe(true);
  expect(diffText([same], false)).toBe("shop: 1 as in the manifests\n");
});

test("a difference as data", () => {
  expect(JSON.stringify(diffData([shop]))).toContain('{"field":".data.old","before":1,"after":null}');
});

test("lines and words go with the state and the number", () => {
  const problems = [
    { object: "Order default/o", place: "o.yaml:1", message: "the API server knows no kind Order" },
  ];
  const kept = [{ objects: ["ConfigMap default/a"], why: "not ours" }];
  const text = (phase: StackStatus["phase"]) =>
    statusText(mergedStacks(new Map([["s", { ...failed, phase, objects: 1, problems }]]), []), now, false);
  expect(text("Waiting")).toContain("  waiting      Order default/o (o.yaml:1): the API server knows");
  expect(text("Unmanaged")).toContain("  unmanaged    Order");
  expect(text("Failed")).toContain("  failed       Order");
  expect(text("Failed")).toContain("Failed since 2 h ago, 1 object, by c1");
  const one: StackStatus = { ...applied, kept, repaired: undefined };
  expect(listText(mergedStacks(new Map([["s", one]]), []), now)).toContain(
    "1 object is left as it is, 1 field is left to who set it, 1 note\n",
  );
  const left = { ...shop, objects: [{ action: "keep" as const, ref: ref("a"), why: "not ours" }] };
  expect(diffText([left], false)).toStartWith("shop: 1 left as it is\n");
});
