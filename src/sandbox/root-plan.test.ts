import { describe, expect, test } from "bun:test";
import type { MachineSetup } from "./machine-spec.ts";
import { overlayMount, rootPlan } from "./root-plan.ts";

const setup: MachineSetup = {
  sandbox: "demo",
  name: "m0",
  group: "k0s-sandbox.demo.m0",
  root: { kind: "host" },
  diskDir: "/var/lib/k0s-sandbox/demo/m0",
  binds: [{ source: "/home/me/k0s", target: "/usr/local/bin/k0s", readOnly: true }],
  small: [{ target: "/var/lib/k0s", size: "64m" }],
  readOnly: ["/srv"],
  machineId: "00ff",
  network: { anchorPid: 1, bridgeEnd: "m2", address: "10.200.0.2/24", routes: [], nameserver: "10.200.0.1" },
};
const plan = (over: Partial<MachineSetup> = {}, version: 1 | 2 = 2) =>
  rootPlan({
    setup: { ...setup, ...over },
    hierarchies: [
      version === 2
        ? { version, mountPoint: "/sys/fs/cgroup", options: "", folder: "" }
        : { version, mountPoint: "/sys/fs/cgroup/cpu", options: "cpu", folder: "cpu" },
    ],
    hostSubMounts: ["/usr"],
  });
const mounts = (steps: ReturnType<typeof plan>) =>
  steps.flatMap((step) => (step.do === "mount" ? [step.call] : []));

describe("the root of a machine", () => {
  test("takes from the host only by names below the old root", () => {
    const binds = plan().flatMap((step) =>
      step.do === "bind" && step.source !== step.target ? [step.source] : [],
    );
    expect(binds).toEqual(["/.host/usr", "/.host/home/me/k0s"]);
    expect(mounts(plan()).find((call) => call.target === "/var/lib")?.source).toBe(
      "/.host/var/lib/k0s-sandbox/demo/m0/lib",
    );
  });

  test("hides what clusters left on the host, and only there", () => {
    expect(plan().some((step) => step.do === "hide" && step.path === "/etc/cni")).toBe(true);
    const other = plan({ root: { kind: "directory", path: "/roots/debian" } });
    expect(
      other.some((step) => step.do === "hide" || (step.do === "bind" && step.source === "/.host/usr")),
    ).toBe(false);
  });

  test("has the control groups of its host", () => {
    expect(
      mounts(plan())
        .filter((call) => call.type === "cgroup2")
        .map((call) => call.target),
    ).toEqual(["/sys/fs/cgroup"]);
    const v1 = mounts(plan({}, 1)).find((call) => call.type === "cgroup");
    expect(v1).toEqual({ source: "cgroup", target: "/sys/fs/cgroup/cpu", type: "cgroup", data: "cpu" });
  });

  test("small and read-only file systems come after the machine's disk", () => {
    const order = plan().map((step) =>
      step.do === "mount" ? step.call.target : step.do === "bind" ? step.target : "",
    );
    expect(order.indexOf("/var/lib")).toBeLessThan(order.indexOf("/var/lib/k0s"));
    expect(order.at(-1)).toBe("/srv");
  });

  test("separators in paths do not split the overlay's options", () => {
    const odd = overlayMount({ ...setup, root: { kind: "directory", path: "/a:b,c" } });
    expect(odd.data).toStartWith("lowerdir=/a\\:b\\,c,upperdir=");
  });
});
