// One controller or three, whose nodes and pods are KWOK's.

import { realpath } from "node:fs/promises";
import { configFile } from "../../test/harness/cluster-config.ts";
import type { TestMachine, TestNetwork } from "../../test/harness/test-machine.ts";
import { auditArgs, auditPolicyPath } from "../in-machine/audit-log.ts";
import { inNetwork } from "../cluster.ts";
import { BenchNode } from "../node.ts";
import { join } from "../rows/join.ts";
import { kwokPath, kwokProgram, startKwok } from "./kwok.ts";

export interface ScaleCluster {
  readonly controllers: readonly BenchNode[];
}

/** Of the programs that make the load, on each controller: their requests are not in the audit log. */
export const loadConfig = "/root/load.conf";

const loadUsers = ["bench-load", "bench-kwok"];

/** Every request but those of the load and of Kubernetes' own programs, so that the log costs as much as it has to. */
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: None
    users: [${loadUsers.join(", ")}, system:kube-controller-manager, system:kube-scheduler, system:apiserver]
  - level: Metadata
`;

const spec = {
  api: { extraArgs: auditArgs },
  // A /24 for each of 4,096 nodes. Proxy and network are pods that KWOK would only pretend to run.
  network: { provider: "custom", podCIDR: "10.128.0.0/12", kubeProxy: { disabled: true } },
};
// What needs tunnels or scrapes nodes would wait for kubelets that are not there.
const args = [
  "controller",
  "--disable-components=konnectivity-server,metrics-server",
  "--config",
  configFile,
];

/** Their API is ready, and a KWOK for each of them runs in a machine of its own. */
export function scaleCluster(count: 1 | 3, signal: AbortSignal): Promise<ScaleCluster & AsyncDisposable> {
  return inNetwork(signal, async (network) => {
    const names = ["first", "second", "third"].slice(0, count);
    const controllers: BenchNode[] = [];
    for (const name of names) {
      const node = await BenchNode.create(network, { name, args, spec });
      await node.machine.writeFile(auditPolicyPath, policy);
      const [first] = controllers;
      const startedAt = first === undefined ? await node.startK0s() : await join(first, node, "controller");
      await node.ask("follow-start", String(startedAt), "api");
      controllers.push(node);
    }
    const machine = await kwokMachine(network);
    for (const [shard, { machine: controller }] of controllers.entries()) {
      const kubeconfig = (user: string): Promise<string> =>
        controller.ok(["k0s", "kubeconfig", "create", user, "--groups", "system:masters"]);
      await controller.writeFile(loadConfig, await kubeconfig("bench-load"), 0o600);
      await startKwok(machine, shard, await kubeconfig("bench-kwok"));
    }
    return { controllers };
  });
}

async function kwokMachine(network: TestNetwork): Promise<TestMachine> {
  const source = await realpath(await kwokProgram());
  return network.machine({ name: "kwok", k0s: false, binds: [{ source, target: kwokPath, readOnly: true }] });
}
