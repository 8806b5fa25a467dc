// What `k0s status` says of components that k0s was told to start wrongly, and of a k0s that is gone. See status-faults.test.ts.
// One wrong start follows the other: the node is well before the first and after the last.

import { expect, test } from "bun:test";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { lazyNode, seeFaults } from "../harness/faulty-node.ts";
import { type NodeFault, printRow, statusOf, untilHealthy } from "../harness/node-faults.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { withLogs } from "../harness/with-machine.ts";

const node = lazyNode();

interface WrongStart {
  readonly name: string;
  /** That is told what it does not understand. */
  readonly component: string;
  readonly says: RegExp;
  /** Of the configuration. */
  readonly spec?: Record<string, unknown>;
  /** Of the command. */
  readonly args?: readonly string[];
}

async function stop(machine: TestMachine): Promise<void> {
  // A k0s gives up by itself when what everything needs ends again and again.
  await machine.exec(["k0s", "stop"]);
  await machine.k0sProcess.exited;
}

async function startAgain(machine: TestMachine, log: string): Promise<void> {
  await stop(machine);
  await machine.sh("rm -f /etc/k0s/k0s.yaml");
  await machine.startK0s({ role: "controller", args: node.args, log });
  await machine.clusterReady();
}

/** In place once the component has ended for the first time: how long a start of k0s takes is another matter. */
function wrongStart({ name, component, says, spec, args = [] }: WrongStart): NodeFault {
  return {
    name,
    says,
    withinMs: 180_000,
    amongOthers: true,
    inject: async (machine) => {
      await stop(machine);
      await writeClusterConfig(machine, spec ?? {});
      const log = `k0s-${name.replaceAll(/\W+/g, "-")}`;
      await machine.startK0s({ role: "controller", args: [...node.args, ...args], log });
      const end = `msg="Process ended by itself, starting it again" component=${component} `;
      await machine.waitFor(
        `the first end of ${component}`,
        async () => (await machine.readLog(log)).includes(end),
        { intervalMs: 50 },
      );
      return async () => undefined;
    },
  };
}

/** What cobra, the parser of Kubernetes' flags, says. */
function misFlagged(component: string, field: string, spec: WrongStart["spec"]): NodeFault {
  const says = new RegExp(
    `^${component} is backing off: exited with code 1 \\(.*\\): unknown flag: --no-such-flag; look at ${field}$`,
  );
  return wrongStart({
    name: `${component} mis-flagged`,
    component,
    says,
    ...(spec === undefined ? {} : { spec }),
  });
}

const badFlag = { extraArgs: { "no-such-flag": "1" } };

seeFaults("wrong starts", node, [
  misFlagged("kube-scheduler", "spec.scheduler.extraArgs", { scheduler: badFlag }),
  misFlagged("kube-controller-manager", "spec.controllerManager.extraArgs", { controllerManager: badFlag }),
  misFlagged("kube-apiserver", "spec.api.extraArgs", { api: badFlag }),
  misFlagged("kube-proxy", "spec.network.kubeProxy.extraArgs", { network: { kubeProxy: badFlag } }),
  wrongStart({
    name: "kine mis-flagged",
    component: "kine",
    spec: { storage: { type: "kine", kine: badFlag } },
    says: /^kine is backing off: exited with code \d+ \(.*\): flag provided but not defined: -no-such-flag; look at spec.storage.kine.extraArgs$/,
  }),
  wrongStart({
    name: "kubelet mis-flagged",
    component: "kubelet",
    args: ["--kubelet-extra-args=--no-such-flag=1"],
    says: /^kubelet is backing off: exited with code 1 \(.*\): .*unknown flag: --no-such-flag; look at --kubelet-extra-args$/,
  }),
  wrongStart({
    name: "kubelet's configuration broken",
    component: "kubelet",
    spec: { workerProfiles: [{ name: "default", values: { cpuManagerPolicy: "nonsense" } }] },
    says: /^kubelet is backing off: exited with code 1 \(.*\): .*nonsense/,
  }),
  wrongStart({
    name: "feature gate that kube-apiserver does not know",
    component: "kube-apiserver",
    spec: { api: { extraArgs: { "feature-gates": "NoSuchGate=true" } } },
    says: /^kube-apiserver is backing off: exited with code 1 \(.*\): .*unrecognized feature gate: NoSuchGate/,
  }),
]);

test("all is well after that", async () => {
  const { network, controller } = await node.get();
  await withLogs(network, async () => {
    await startAgain(controller, "k0s-repaired");
    await untilHealthy(controller);
  });
}, 900_000);

seeFaults("the node", node, [
  {
    name: "node deleted",
    says: /^node single was deleted from the cluster; kubelet registers it when it starts: restart k0s$/,
    inject: async (machine) => {
      await machine.kubectl("delete", "node", "single", "--wait=false");
      return () => startAgain(machine, "k0s-registered");
    },
  },
]);

test("k0s killed", async () => {
  const { network, controller } = await node.get();
  await withLogs(network, async () => {
    await controller.k0sProcess.kill("SIGKILL");
    await controller.k0sProcess.exited;
    const begun = performance.now();
    const { code, firstLine, ms } = await statusOf(controller);
    expect(firstLine).toBe("Error: no k0s answers on this host");
    expect(code).toBe(1);
    const seconds = (performance.now() - begun) / 1000;
    printRow({ fault: "k0s killed", firstLine, code, seconds, slowestAnswerMs: ms });
  });
}, 300_000);
