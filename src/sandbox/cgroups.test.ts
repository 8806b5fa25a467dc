import { expect, test } from "bun:test";
import { groupName, networkGroup, parseGroups, parseHierarchies, sandboxOfGroup } from "./cgroups.ts";

test("hybrid hosts have every v1 controller and the unified hierarchy", () => {
  const mountInfo = [
    "24 1 0:21 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
    "25 24 0:22 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
    "26 24 0:23 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,release_agent=/x,name=systemd",
    "27 24 0:24 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    "28 24 0:24 / /mnt/elsewhere rw,relatime - cgroup2 cgroup2 rw",
  ].join("\n");
  expect(parseHierarchies(mountInfo)).toEqual([
    { version: 1, mountPoint: "/sys/fs/cgroup/cpu,cpuacct", options: "cpu,cpuacct", folder: "cpu,cpuacct" },
    { version: 1, mountPoint: "/sys/fs/cgroup/systemd", options: "none,name=systemd", folder: "systemd" },
    { version: 2, mountPoint: "/sys/fs/cgroup/unified", options: "", folder: "unified" },
  ]);
});

test("unified hosts have one hierarchy, on the spot", () => {
  const mountInfo = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";
  expect(parseHierarchies(mountInfo)).toEqual([
    { version: 2, mountPoint: "/sys/fs/cgroup", options: "", folder: "" },
  ]);
});

test.each([
  ["k0s-sandbox.demo.controller0", "demo"],
  [networkGroup("demo"), "demo"],
  [groupName("demo", "one"), "demo"],
  ["k0s-sandbox...", undefined],
  ["k0s-sandbox.demo", undefined],
  ["k0s-sandbox.demo.one.two", undefined],
  ["k0s-sandbox.demo.", undefined],
  ["k0s-sandbox..one", undefined],
  ["k0s-sandbox.De mo.one", undefined],
  ["k0s-sandbox.demo.\\.\\.", undefined],
  ["system.demo.one", undefined],
])("group %j belongs to %p", (group, sandbox) => {
  expect(sandboxOfGroup(group)).toBe(sandbox);
});

test("where a process is, by hierarchy", () => {
  const groups = parseGroups("12:cpuacct,cpu:/a:b\n1:name=systemd:/user.slice\n0::/user.slice/x\n");
  expect(Object.fromEntries(groups)).toEqual({
    "cpu,cpuacct": "/a:b",
    "name=systemd,none": "/user.slice",
    "": "/user.slice/x",
  });
});
