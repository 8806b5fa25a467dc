import { expect, test } from "bun:test";
import { nodeLabelsProblem, overriddenLabels, taintsProblem } from "./node-labels.ts";

test("labels that kubelet takes", () => {
  expect(
    nodeLabelsProblem([
      ["disk", "ssd"],
      ["example.com/empty", ""],
      ["topology.kubernetes.io/zone", "a"],
      ["disk", "ssd"],
    ]),
  ).toBeUndefined();
});

test.each([
  [[["node-role.kubernetes.io/worker", ""]], "may not give itself the label node-role.kubernetes.io/worker"],
  [[["a", "b c"]], 'the value "b c" of the label a may consist of'],
  [[["", "x"]], 'the label key "" has no name'],
  [[["a", "x".repeat(64)]], "is longer than 63 characters"],
] as const)("labels that it does not take: %j", (labels, problem) => {
  expect(nodeLabelsProblem(labels)).toContain(problem);
});

test("of a label with two values the last one counts, as for kubelet", () => {
  const labels = [
    ["a", "1"],
    ["b", "1"],
    ["a", "2"],
  ] as const;
  expect(nodeLabelsProblem(labels)).toBeUndefined();
  expect(overriddenLabels(labels)).toEqual(["the label a is given twice: 1 and 2; the last one counts"]);
});

test("taints", () => {
  const taint = { key: "gpu", value: "yes", effect: "NoSchedule" };
  expect(
    taintsProblem([taint, { ...taint, effect: "NoExecute" }, { key: "x", effect: "NoSchedule" }]),
  ).toBeUndefined();
  expect(taintsProblem([taint, { ...taint, value: "no" }])).toContain(
    "given twice with the effect NoSchedule",
  );
  expect(taintsProblem([{ ...taint, key: "a b" }])).toContain('the taint key "a b" may consist of');
  expect(taintsProblem([{ ...taint, value: "-" }])).toContain('the value "-" of the taint gpu');
});
