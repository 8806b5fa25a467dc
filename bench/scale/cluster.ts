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
  # kube-controller-manager's controllers, each under an account of its own.
  - level: None
    userGroups: ["system:serviceaccounts:kube-system"]
  - level: Metadata
`;

// A /24 for each of 4,096 nodes. Proxy and network are pods that KWOK would only pretend to run.
const network = { provider: "custom", podCIDR: "10.128.0.0/12", kubeProxy: { disabled: true } };

export type DisabledComponent = "konnectivity-server" | "metrics-server";

/** With an audit log of what k0s asks. Its machine is there, k0s does not run yet. */
export async function auditedController(
  net: TestNetwork,
  name: string,
  without: readonly DisabledComponent[],
): Promise<BenchNode> {
  const args = ["controller", `--disable-components=${without.join(",")}`, "--config", configFile];
  const node = await BenchNode.create(net, {
    name,
    args,
    spec: { api: { extraArgs: auditArgs }, network },
  });
  await node.machine.writeFile(auditPolicyPath, policy);
  return node;
}

/** Their API is ready. */
async function startControllers(net: TestNetwork, count: 1 | 3): Promise<readonly BenchNode[]> {
  const controllers: BenchNode[] = [];
  for (const name of ["first", "second", "third"].slice(0, count)) {
    // What needs tunnels or scrapes nodes would wait for kubelets that are not there.
    const node = await auditedController(net, name, ["konnectivity-server", "metrics-server"]);
    const [first] = controllers;
    const startedAt = first === undefined ? await node.startK0s() : await join(first, node, "controller");
    await node.ask("follow-start", String(startedAt), "api");
    controllers.push(node);
  }
  return controllers;
}

/** One without nodes. */
export function loneController(signal: AbortSignal): Promise<ScaleCluster & AsyncDisposable> {
  return inNetwork(signal, async (net) => ({ controllers: await startControllers(net, 1) }));
}

/** A KWOK for each of them runs in a machine of its own. */
export async function scaleCluster(
  count: 1 | 3,
  signal: AbortSignal,
): Promise<ScaleCluster & AsyncDisposable> {
  // Before the machines: it is compiled the first time.
  const program = await realpath(await kwokProgram());
  return inNetwork(signal, async (net) => {
    const controllers = await startControllers(net, count);
    const binds = [{ source: program, target: kwokPath, readOnly: true }];
    const machine = await net.machine({ name: "kwok", k0s: false, binds });
    for (const [shard, { machine: controller }] of controllers.entries())
      await addKwok(machine, shard, controller);
    return { controllers };
  });
}

async function addKwok(machine: TestMachine, shard: number, controller: TestMachine): Promise<void> {
  const kubeconfig = (user: string): Promise<string> =>
    controller.ok(["k0s", "kubeconfig", "create", user, "--groups", "system:masters"]);
  await controller.writeFile(loadConfig, await kubeconfig("bench-load"), 0o600);
  await startKwok(machine, shard, await kubeconfig("bench-kwok"));
}
