import { expect, test } from "bun:test";
import { supervisedByOpenRc, systemdUnit } from "./service-manager.ts";

test.each([
  ["0::/system.slice/k0scontroller.service\n", "k0scontroller.service"],
  ["12:pids:/x\n1:name=systemd:/system.slice/k0sworker.service\n0::/\n", "k0sworker.service"],
  ["0::/system.slice/system-k0s.slice/k0s@a.service\n", "k0s@a.service"],
  ["0::/user.slice/user-0.slice/session-3.scope\n", undefined],
  ["0::/user.slice/user-0.slice/user@0.service/app.slice/run-1.scope\n", undefined],
  ["0::/\n", undefined],
  ["4:memory:/system.slice/other.service\n0::/k0s\n", undefined],
  ["", undefined],
])("the unit of %j is %p", (cgroups, unit) => {
  expect(systemdUnit(cgroups)).toBe(unit);
});

test.each([
  [["/sbin/supervise-daemon", "k0scontroller", "--start", "/usr/local/bin/k0s"], "k0scontroller"],
  [["supervise-daemon", "--help"], undefined],
  [["/bin/sh"], undefined],
  [[], undefined],
])("what %j supervises is %p", (parent, name) => {
  expect(supervisedByOpenRc(parent)).toBe(name);
});
