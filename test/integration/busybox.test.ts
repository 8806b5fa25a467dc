// Commands that need neither a cluster nor root, in a system of one busybox and the kernel's own file systems: no C library,
// no /etc/hosts, no home directory. The start of a node on such a system is in single-node.test.ts.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import type { ExecResult } from "../../src/sandbox/machine.ts";

let network: TestNetwork;
let machine: TestMachine;

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ root: "busybox", noRoutes: true });
  await machine.sh(
    "rm /etc/hosts /etc/resolv.conf /etc/hostname; echo alice:x:1000:1000::/home/alice:/bin/sh >>/etc/passwd",
  );
}, 400_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

const asRoot = (script: string): Promise<ExecResult> => machine.sh(`cd /tmp && ${script}`);
const asAlice = (script: string): Promise<ExecResult> =>
  machine.exec(["su", "alice", "-c", `cd /tmp && ${script}`]);

for (const [who, run] of [
  ["root", asRoot],
  ["somebody without a home", asAlice],
] as const) {
  test(`${who}: version`, async () => {
    expect(await run("k0s version")).toEqual(
      expect.objectContaining({
        code: 0,
        stdout: expect.stringMatching(/^v1\.\d+\.\d+\+k0s\.\d+\n$/),
        stderr: "",
      }),
    );
  });

  test(`${who}: sysinfo warns and succeeds`, async () => {
    const { code, stdout, stderr } = await run("k0s sysinfo");
    expect(stderr).toBe("");
    expect(stdout).toContain(
      "Name resolution: localhost: (warning: k0s will write /etc/hosts when it starts)",
    );
    expect(stdout).not.toMatch(/rejected|error/);
    expect(code).toBe(0);
  });

  test(`${who}: what config create prints is valid, also through a pipe`, async () => {
    expect(await run("k0s config create | k0s config validate --config -")).toEqual(
      expect.objectContaining({ code: 0, stdout: "", stderr: "" }),
    );
    const { stderr, code } = await run(
      "k0s config create | sed 's/port: 6443/port: many/' | k0s config validate",
    );
    expect(stderr).toContain("spec.api.port");
    expect(code).toBe(1);
  });

  test(`${who}: completion and docs`, async () => {
    for (const shell of ["bash", "zsh", "fish", "powershell"])
      expect((await run(`k0s completion ${shell}`)).stdout).toContain("k0s");
    const { code } = await run(
      `mkdir -p ${who.length} && cd ${who.length} && k0s docs markdown && k0s docs man`,
    );
    expect(code).toBe(0);
    expect(await machine.readFile(`/tmp/${who.length}/docs/cli/k0s_controller.md`)).toContain("--single");
    expect(await machine.readFile(`/tmp/${who.length}/man/k0s-controller.1`)).toContain(".TH");
  });
}

test("what needs root says so", async () => {
  for (const command of ["controller --single", "reset", "stop"]) {
    const { code, stderr } = await asAlice(`k0s ${command}`);
    expect(stderr).toContain("root");
    expect(code).toBe(1);
  }
});

test("a host with no address but the loopback's is told what to do", async () => {
  await machine.ok(["ip", "address", "flush", "dev", "eth0"]);
  const { code, stderr } = await asRoot("k0s controller --single");
  expect(stderr).toContain("127.0.0.1 is no address at which pods can reach the API");
  expect(stderr).toContain("Connect the host to a network");
  expect(code).toBe(1);
  // The runtime of the launcher is all that there may be.
  expect((await asRoot("ls /var/lib/k0s /etc/hosts")).stdout).toBe("/var/lib/k0s:\nruntime\n");
});
