import { expect, test } from "bun:test";
import { withControlPlaneTaint } from "./embedded-worker.ts";

test("a controller's node has its taint once", () => {
  const ours = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
  const own = { ...ours, value: "x" };
  const other = { ...ours, value: "", effect: "NoExecute" };
  expect(withControlPlaneTaint([])).toEqual([ours]);
  expect(withControlPlaneTaint([own])).toEqual([own]);
  expect(withControlPlaneTaint([other])).toEqual([ours, other]);
});
