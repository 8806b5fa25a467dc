// Everything that is measured, in the order of the table. Budgets are those of the design, and of the issue about speed and size.

import { configFile } from "../test/harness/cluster-config.ts";
import { controllerWithOthers, oneNode } from "./cluster.ts";
import type { NodeOptions } from "./node.ts";
import { type Measurement, type Scenario, type ScenarioFacts, scenario } from "./row.ts";
import { buildTime } from "./rows/build-time.ts";
import { commandTimes } from "./rows/commands.ts";
import { deployer, deployerSpec } from "./rows/deployer.ts";
import { fileSize } from "./rows/file-size.ts";
import { growth, growthSpec } from "./rows/growth.ts";
import { idleRows } from "./rows/idle.ts";
import { apiserverKilled } from "./rows/kill-apiserver.ts";
import {
  controllerJoin,
  failOver,
  workerJoin,
  workerMemory,
  writesWithOne,
  writesWithThree,
} from "./rows/join.ts";
import { podLoad, writeLoad } from "./rows/loads.ts";
import { manifestTime } from "./rows/manifest.ts";
import { requestsLog, requestsLogApi } from "./rows/requests-log.ts";
import { rebootTime, restartRows, stopTime } from "./rows/restart.ts";
import { stagingMemory } from "./rows/staging.ts";
import { started, startRows } from "./rows/start.ts";
import type { BenchNode } from "./node.ts";

const single = "k0s controller --single";
const controller = "k0s controller";
const args = (command: string): string[] => command.split(" ").slice(1);

type ClusterSpec = NonNullable<NodeOptions["spec"]>;

/** On a node of its own; with a configuration file where there is something in it. */
function onNode(
  facts: ScenarioFacts,
  command: string,
  spec: ClusterSpec | undefined,
  measurements: readonly Measurement<BenchNode>[],
): Scenario {
  const options =
    spec === undefined ? { args: args(command) } : { args: [...args(command), "--config", configFile], spec };
  return scenario(
    facts,
    (variant, signal) => oneNode({ name: "bench", ...options, ...variant }, signal),
    measurements,
  );
}

/** k0s and its control plane alone. */
const noTunnels = `${controller} --disable-components=konnectivity-server`;

export const scenarios: readonly Scenario[] = [
  fileSize,
  onNode({ name: "single", minutes: 5 }, single, undefined, [
    startRows("single", "--single, empty data directory", single, { api: 4, node: 7, pods: 13 }),
    stagingMemory,
    commandTimes,
    idleRows("single-idle", "single node, Calico", single, {
      memory: 780,
      anonymous: 463,
      supervisor: 60,
      supervisorAnonymous: 45,
      cpu: 6,
      disk: 600,
    }),
    manifestTime,
    apiserverKilled,
    stopTime,
    restartRows("", single, { api: 2.9, node: 5 }),
    rebootTime,
  ]),
  onNode(
    { name: "kuberouter", minutes: 4 },
    single,
    { network: { provider: "kuberouter" }, api: requestsLogApi },
    [
      requestsLog,
      startRows("kuberouter", "--single with kube-router", single, { api: 4, node: 7, pods: 13 }),
      idleRows("kuberouter-idle", "single node, kube-router", single, {
        memory: 700,
        anonymous: 463,
        supervisor: 60,
        supervisorAnonymous: 45,
        cpu: 6,
        disk: 600,
        requests: 50,
      }),
    ],
  ),
  onNode({ name: "controller", minutes: 4.5 }, controller, { api: requestsLogApi }, [
    requestsLog,
    startRows("controller", "controller with etcd, empty data directory", controller, { api: 4.5 }),
    idleRows("controller-idle", "controller with etcd", controller, {
      memory: 520,
      anonymous: 386,
      supervisor: 60,
      supervisorAnonymous: 45,
      cpu: 4,
      logLines: 10,
      requests: 50,
    }),
    writeLoad("write-load", controller, "etcd"),
    restartRows("controller-", controller, { api: 3.2 }),
  ]),
  scenario({ name: "join", minutes: 5 }, controllerWithOthers, [
    writesWithOne,
    workerJoin,
    controllerJoin,
    writesWithThree,
    workerMemory,
    failOver,
  ]),
  onNode({ name: "loads", minutes: 6, onDemand: true }, single, undefined, [
    started,
    writeLoad("loads-writes", single, "kine"),
    podLoad("loads-pods", single),
  ]),
  onNode({ name: "growth", minutes: 5, onDemand: true }, noTunnels, growthSpec, [growth]),
  onNode({ name: "deployer", minutes: 5, onDemand: true }, noTunnels, deployerSpec, [deployer]),
  buildTime,
];
