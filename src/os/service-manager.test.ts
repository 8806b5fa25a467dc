import { expect, test } from "bun:test";
import { supervisedBy, systemdUnit, untilStopped } from "./service-manager.ts";

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
  [
    ["/sbin/supervise-daemon", "k0scontroller", "--start", "/usr/local/bin/k0s"],
    { manager: "OpenRC", name: "k0scontroller" },
  ],
  [["runsv", "k0sworker"], { manager: "runit", name: "k0sworker" }],
  [["s6-supervise", "k0sworker"], { manager: "s6", name: "k0sworker" }],
  [["supervise-daemon", "--help"], undefined],
  [["/bin/sh"], undefined],
  [[], undefined],
] as const)("what %j supervises is %p", (parent, service) => {
  expect(supervisedBy(parent)).toEqual(service);
});

test("systemd has stopped a service when its unit is no longer ending", async () => {
  const states = ["deactivating", "deactivating", "inactive"];
  const asked: string[] = [];
  const ask = async (words: readonly string[]) => {
    asked.push(words.join(" "));
    return `ActiveState=${states[asked.length - 1]}\n`;
  };
  const options = { timeoutMs: 5_000, signal: new AbortController().signal };
  await untilStopped({ manager: "systemd", name: "k0sworker.service" }, ask, options);
  expect(asked).toEqual(Array(3).fill("systemctl show --property=ActiveState k0sworker.service"));
  // The others have returned when it was over.
  await untilStopped({ manager: "OpenRC", name: "k0sworker" }, ask, options);
  expect(asked).toHaveLength(3);
  const busy = async () => "ActiveState=deactivating\n";
  const late = untilStopped({ manager: "systemd", name: "k0sworker.service" }, busy, {
    ...options,
    timeoutMs: 20,
  });
  expect(late.catch((err: unknown) => err)).resolves.toMatchObject({
    name: "UserError",
    code: "stop-timeout",
    message: "systemd did not stop k0sworker.service within 20ms",
  });
});
