import { expect, test } from "bun:test";
import { isOwnPath } from "./observe-paths.ts";

const flexVolumes = "/usr/libexec/k0s";
const calico = "/var/lib/calico";
const absentBefore = [flexVolumes, calico];

test("of a controller without pods only the path goes that its control plane makes", () => {
  const controller = { ranPods: false, alone: true, absentBefore };
  expect([flexVolumes, calico].filter((path) => isOwnPath(path, controller))).toEqual([flexVolumes]);
  expect([flexVolumes, calico].filter((path) => isOwnPath(path, { ...controller, ranPods: true }))).toEqual([
    flexVolumes,
    calico,
  ]);
});

test("what was there before, and what may be another installation's, stays", () => {
  expect(isOwnPath(flexVolumes, { ranPods: true, alone: true, absentBefore: [] })).toBe(false);
  expect(isOwnPath(flexVolumes, { ranPods: false, alone: true, absentBefore: [] })).toBe(false);
  expect(isOwnPath(flexVolumes, { ranPods: false, alone: false, absentBefore })).toBe(false);
});
