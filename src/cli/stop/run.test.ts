import { expect, test } from "bun:test";
import type { InitSystem } from "../../host/service/definition.ts";
import { openRc } from "../../host/service/openrc.ts";
import { recordingHost } from "../../host/service/recording-host.ts";
import { runit } from "../../host/service/runit.ts";
import { s6 } from "../../host/service/s6.ts";
import { systemd } from "../../host/service/systemd.ts";
import { stopBetweenStarts, stoppingText } from "./run.ts";

const options = { paths: { runDir: "/run/k0s" }, timeoutMs: 5_000, signal: new AbortController().signal };

/** What each manager says of a service that ends at once, and of one that is stopped. */
const pausing: readonly [
  InitSystem,
  { stdout?: string; code?: number },
  { stdout?: string; code?: number },
][] = [
  [systemd, { stdout: "ActiveState=activating\n" }, { stdout: "ActiveState=inactive\n" }],
  [openRc, { code: 0 }, { code: 3 }],
  [
    runit("/etc/service"),
    { stdout: "down: /etc/sv/k0sworker: 1s, normally up, want up\n" },
    { stdout: "down: /etc/sv/k0sworker: 1s, normally up\n" },
  ],
  [s6("/run/service"), { stdout: "false true\n" }, { stdout: "false false\n" }],
];

for (const [init, before, after] of pausing)
  test(`${init.title}: a service between two attempts to start is stopped, though no k0s runs`, async () => {
    const host = recordingHost({ [init.query("k0sworker").join(" ")]: [before, after] });
    host.files.set(init.definitionPath("k0sworker"), "");
    expect(await stopBetweenStarts(init, host, options)).toContain(`k0sworker stopped by ${init.title}`);
    expect(host.ran).toContain(init.stop("k0sworker").join(" "));
    expect(stopBetweenStarts(init, host, options)).rejects.toThrow("already stopped");
  });

test("without a service or a manager there is nothing to stop", () => {
  expect(stopBetweenStarts(systemd, recordingHost(), options)).rejects.toThrow("already stopped");
  expect(stopBetweenStarts(undefined, recordingHost(), options)).rejects.toThrow("already stopped");
});

test("a stop that takes long names what it waits for", () => {
  expect(
    stoppingText([
      { name: "status", state: "ready" },
      { name: "kubelet", state: "stopping", pid: 12 },
      { name: "certificates", state: "stopping" },
      { name: "etcd", state: "stopped" },
    ]),
  ).toBe(": kubelet (pid 12), certificates");
  expect(stoppingText([{ name: "etcd", state: "ready", pid: 3 }])).toBe("");
});
