// Power cuts while objects are written: every write that was acknowledged is there when the power is back, on SQLite and on etcd.
// What the kernel had not given to the disk is lost (test/harness/power-disk.ts), which a kill never shows.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startCountingWriter } from "../harness/counting-writer.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { powerDisk } from "../harness/power-disk.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

let network: TestNetwork;
/** Outside of the machines that lose their power. */
let client: TestMachine;

beforeAll(async () => {
  network = await startNetwork();
  client = await network.machine({ name: "client", k0s: false });
});

afterAll(async () => {
  await network.destroy();
}, 300_000);

const cuts = 3;
const args = ["--disable-components=coredns,metrics-server,network-provider"];

for (const type of ["kine", "etcd"] as const) {
  test(`${type}: no acknowledged write is lost`, async () => {
    const machine = await network.machine({ name: type });
    await writeClusterConfig(machine, { storage: { type } });
    await using disk = await powerDisk(machine, "/var/lib/k0s", 8_192);
    await machine.startK0s({ role: "controller", args });
    await machine.clusterReady();
    for (let cut = 1; cut <= cuts; cut++) {
      const kubeconfig = await machine.readFile("/var/lib/k0s/pki/admin.conf");
      const endpoints = [`https://${machine.address}:6443`];
      await using writer = await startCountingWriter({
        machine: client,
        kubeconfig,
        endpoints,
        intervalMs: 5,
      });
      await writer.progress(100 * cut);
      await disk.cutPower();
      await machine.reboot();
      await disk.powerUp();
      await machine.startK0s({ role: "controller", args, log: `k0s-${cut}` });
      await machine.clusterReady();
      const { acknowledged, lost, failures } = await writer.report();
      console.log(`${type}, cut ${cut}: ${acknowledged} writes acknowledged, ${lost.length} lost`, failures);
      expect(lost).toEqual([]);
    }
  }, 1_200_000);
}
