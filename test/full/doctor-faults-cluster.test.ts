// What `k0s doctor` says in a cluster of several hosts: on the controller with etcd and konnectivity, and on a worker that has
// lost its way to it. Prints the rows of the table in docs/doctor.md. A single node: doctor-faults.test.ts.

import { afterAll, describe, expect, test } from "bun:test";
import { TestCluster } from "../harness/cluster.ts";
import {
  diagnosed,
  doctorOf,
  type DoctorFault,
  seeDiagnosis,
  untilDoctorFindsNothing,
} from "../harness/doctor.ts";
import { frozen, killOnce, missingFile, portTaken, shellFault } from "../harness/fault-kinds.ts";
import { noEviction } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { withLogs } from "../harness/with-machine.ts";
import { cutPort, mendPort } from "../integration/konnectivity/firewall.ts";

const cluster = new TestCluster({
  controllers: [{ name: "controller" }],
  workers: [{ name: "worker", args: [noEviction], demoImages: false }],
});
const controller = (): TestMachine => cluster.controller;
const worker = (): TestMachine => cluster.worker("worker");
const anything = /^/;

afterAll(() => cluster[Symbol.asyncDispose](), 120_000);

test("nothing is wrong on a controller and a worker that are well", async () => {
  await cluster.start();
  await withLogs(cluster.network, async () => {
    for (const machine of [controller(), worker()]) {
      const { report } = await untilDoctorFindsNothing(machine);
      expect(report.findings).toEqual([]);
    }
    const { report } = await doctorOf(worker());
    const absent = report.links.filter(({ state }) => state === "absent").map(({ link }) => link);
    expect(absent).toEqual(["datastore"]);
  });
}, 900_000);

function seeDiagnoses(group: string, machine: () => TestMachine, faults: readonly DoctorFault[]): void {
  describe(group, () => {
    test.each(faults.map((fault) => [fault.name, fault] as const))(
      "%s",
      async (_, fault) => {
        await withLogs(cluster.network, () => seeDiagnosis(machine(), fault));
      },
      900_000,
    );
  });
}

const stopped = (component: string, name = `${component} frozen`): DoctorFault => ({
  ...diagnosed(
    frozen(component),
    "processes",
    new RegExp(`^${component} \\(pid \\d+\\) is stopped by a signal$`),
  ),
  name,
});

seeDiagnoses("on a controller", controller, [
  stopped("etcd"),
  stopped("konnectivity"),
  diagnosed(
    portTaken("konnectivity", 8132),
    "ports",
    /^port 8132, which konnectivity-server needs, is held by busybox \(pid \d+\)$/,
  ),
  diagnosed(
    missingFile({
      name: "certificate of etcd gone",
      path: "/var/lib/k0s/pki/etcd/server.crt",
      program: "etcd",
      says: anything,
    }),
    "certificates",
    /^\/var\/lib\/k0s\/pki\/etcd\/server.crt is missing$/,
  ),
  {
    name: "etcd's files gone",
    link: "datastore",
    what: /^the data of etcd are gone: there is no log in \/var\/lib\/k0s\/etcd\/member\/wal$/,
    inject: async (machine) => {
      await machine.ok(["mv", "/var/lib/k0s/etcd", "/var/lib/k0s/etcd-saved"]);
      await killOnce(machine, "etcd");
      return async () => {
        await machine.exec(["k0s", "stop"]);
        await machine.k0sProcess.exited;
        await machine.sh("rm -rf /var/lib/k0s/etcd; mv /var/lib/k0s/etcd-saved /var/lib/k0s/etcd");
        await machine.restartK0s();
        await machine.apiReady();
      };
    },
  },
  {
    name: "the only worker gone",
    link: "node",
    what: /^node worker is not Ready: /,
    withinMs: 120_000,
    inject: async () => {
      await worker().k0sProcess.kill("SIGKILL");
      await worker().k0sProcess.exited;
      await worker().sh("for pid in /run/k0s/*.pid; do kill -9 $(cat $pid); done");
      return async () => {
        await worker().restartK0s();
        await cluster.nodeReady("worker");
      };
    },
  },
]);

test("a worker that cannot join", async () => {
  const { network } = cluster;
  await withLogs(network, async () => {
    const machine = await network.machine({ name: "late" });
    await cutPort(machine, 6443);
    const token = await controller().joinToken("worker");
    const process = await machine.startK0s({ role: "worker", token });
    await seeDiagnosis(machine, {
      name: "a worker that cannot join: a firewall",
      link: "processes",
      what: /^cannot reach the API server https:\/\/\S+:6443: /,
      amongOthers: true,
      inject: async () => async () => undefined,
    });
    await process.kill("SIGTERM");
    await process.exited;
  });
}, 300_000);

seeDiagnoses("on a worker", worker, [
  stopped("kubelet", "kubelet of a worker frozen"),
  {
    name: "the way to the API server closed by a firewall",
    link: "API",
    what: /^cannot reach the API server https:\/\/\S+:6443: /,
    inject: async (machine) => {
      await cutPort(machine, 6443);
      return () => mendPort(machine);
    },
  },
  {
    name: "the way to the tunnel closed by a firewall",
    link: "tunnel",
    what: /^this node does not reach the controllers' konnectivity server$/,
    inject: async (machine) => {
      await cutPort(machine, 8132);
      return () => mendPort(machine);
    },
  },
  {
    name: "the controller stopped",
    link: "API",
    what: /^cannot reach the API server https:\/\/\S+:6443: connection refused$/,
    inject: async () => {
      await controller().stopK0s();
      return async () => {
        await controller().restartK0s();
        await controller().apiReady();
      };
    },
  },
  diagnosed(
    shellFault({
      name: "kubelet's client certificate gone",
      put: "mv /var/lib/k0s/kubelet/pki/kubelet-client-current.pem /root/",
      undo: "mv /root/kubelet-client-current.pem /var/lib/k0s/kubelet/pki/",
      says: anything,
    }),
    "certificates",
    /kubelet-client-current.pem is missing$/,
  ),
  {
    name: "the worker's k0s killed",
    link: "processes",
    what: /^k0s does not run$/,
    inject: async (machine) => {
      await machine.k0sProcess.kill("SIGKILL");
      await machine.k0sProcess.exited;
      return async () => {
        await machine.restartK0s();
        await cluster.nodeReady("worker");
      };
    },
  },
]);
