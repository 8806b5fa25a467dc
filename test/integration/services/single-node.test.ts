// A single node as a service of OpenRC, from the installation to the reset: the real k0s, started by the real manager.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { ServicedMachine } from "../../harness/serviced-machine.ts";
import { noEviction } from "../../harness/single-node.ts";
import { expectAsBefore, type MachineSnapshot, takeSnapshot } from "../../harness/machine-snapshot.ts";
import { startNetwork, type TestNetwork } from "../../harness/test-machine.ts";
import { withLogs } from "../../harness/with-machine.ts";

let network: TestNetwork;
let host: ServicedMachine;
let before: MachineSnapshot;

beforeAll(async () => {
  network = await startNetwork();
  host = await ServicedMachine.start(network, "OpenRC", { stoodIn: false });
  await host.sh("mkdir /etc/k0s; k0s config create >/etc/k0s/k0s.yaml");
  before = await takeSnapshot(host.machine);
}, 300_000);

afterAll(async () => network.destroy(), 300_000);

/** The state of the node, once it is well. */
const well = (
  since?: number,
): Promise<{ readonly Pid: number; readonly SysInit: string; readonly StubFile: string }> =>
  host.machine.waitFor("the node to be well", async () => {
    const status = JSON.parse(await host.k0s("status", "-o", "json"));
    return status.Healthy === true && status.Pid !== since ? status : undefined;
  });
const sandboxes = async (): Promise<string> => (await host.sh("k0s ctr containers list -q | sort")).stdout;

const step = (name: string, work: () => Promise<void>): void =>
  test(name, () => withLogs(network, work), 600_000);

step("installed and started, it is a node, and says what runs it", async () => {
  await host.k0s("install", "controller", "--config", "/etc/k0s/k0s.yaml", "--start", "--single", noEviction);
  const status = await well();
  expect(status).toMatchObject({ SysInit: "linux-openrc", StubFile: "/etc/init.d/k0scontroller" });
  expect(await host.k0s("status")).toContain(
    "Init System: linux-openrc\nService file: /etc/init.d/k0scontroller\n",
  );
  expect((await host.sh("cat /var/log/k0s.log")).stdout).toContain('msg="The cluster is ready"');
});

step("killed, stopped and started, its containers stay", async () => {
  const containers = await sandboxes();
  expect(containers).not.toBe("");
  const first = await well();
  await host.sh(`kill -9 ${first.Pid}`);
  const second = await well(first.Pid);
  expect(await host.k0s("stop")).toContain("stopped by OpenRC (k0scontroller)");
  await host.k0s("start");
  await well(second.Pid);
  expect(await sandboxes()).toBe(containers);
});

step("after a power cut it comes up by itself", async () => {
  await host.reboot();
  await well();
});

step("reset takes the service with it", async () => {
  expect((await host.tryK0s("reset", "--yes")).stderr).toContain("k0s stop");
  await host.k0s("stop");
  const output = await host.k0s("reset", "--yes");
  expect(output).toContain("the service k0scontroller");
  expect(output).toContain("nothing of k0s is left");
  // Logs are the host's.
  await host.sh("rm /var/log/k0s.log /var/log/k0s.err");
  await expectAsBefore(host.machine, before);
});
