// What `k0s status` says on a controller with etcd and konnectivity, and on a worker of its own. See status-faults.test.ts.

import { afterAll, test } from "bun:test";
import {
  launch,
  newController,
  restart,
  stopController,
  type TestController,
} from "../harness/controllers.ts";
import { frozen, killedForEver, killOnce, missingFile, portTaken } from "../harness/fault-kinds.ts";
import { type NodeFault, printRow, seeFault, untilHealthy } from "../harness/node-faults.ts";
import { noEviction } from "../harness/single-node.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";
import { withLogs } from "../harness/with-machine.ts";

let network: TestNetwork;
let controller: TestController;
const args = ["--enable-worker", "--no-taints", noEviction];

afterAll(() => network.destroy(), 120_000);

test("starts", async () => {
  network = await startNetwork();
  controller = await newController(network, "c1", { args });
  await withLogs(network, () => untilHealthy(controller.machine));
}, 600_000);

const faults: readonly NodeFault[] = [
  frozen("etcd"),
  killedForEver("etcd"),
  frozen("konnectivity"),
  killedForEver("konnectivity"),
  portTaken("konnectivity", 8132),
  missingFile({
    name: "certificate of etcd gone",
    path: "/var/lib/k0s/pki/etcd/server.crt",
    program: "etcd",
    says: /^etcd is backing off: exited with code 1 .*server.crt/,
  }),
  {
    name: "etcd's files gone",
    says: /^etcd is backing off: could not be started: the data of etcd are gone, there is no log in \/var\/lib\/k0s\/etcd\/member\/wal: put them back, /,
    withinMs: 120_000,
    inject: async (machine) => {
      await machine.ok(["mv", "/var/lib/k0s/etcd", "/var/lib/k0s/etcd-saved"]);
      await killOnce(machine, "etcd");
      return async () => {
        await stopController(controller);
        await machine.sh("rm -rf /var/lib/k0s/etcd; mv /var/lib/k0s/etcd-saved /var/lib/k0s/etcd");
        await restart(controller, { args });
      };
    },
  },
  {
    name: "etcd mis-flagged",
    says: /^etcd is backing off: exited with code \d+ \(.*\): flag provided but not defined: -no-such-flag; look at spec.storage.etcd.extraArgs$/,
    withinMs: 120_000,
    inject: async (machine) => {
      await stopController(controller);
      const spec = { storage: { etcd: { extraArgs: { "no-such-flag": "1" } } } };
      controller.process = await launch(machine, { args, spec });
      // In place once etcd has ended by it: how long a start of k0s takes is another matter.
      const end = 'component=etcd delayMs=0 how="exited with code 2"';
      const ended = async (): Promise<boolean> => (await machine.readLog("k0s")).includes(end);
      await machine.waitFor("the first end of etcd", ended, { intervalMs: 50 });
      return async () => {
        // It gives up by itself when etcd has ended again and again.
        await machine.exec(["k0s", "stop"]);
        await controller.process.exited;
        await machine.ok(["rm", "/etc/k0s/k0s.yaml"]);
        await restart(controller, { args });
      };
    },
  },
];

test.each(faults.map((fault) => [fault.name, fault] as const))(
  "%s",
  async (_, fault) => {
    await withLogs(network, async () => printRow(await seeFault(controller.machine, fault)));
  },
  900_000,
);
