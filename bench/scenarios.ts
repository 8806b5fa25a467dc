// Everything that is measured, in the order of the table.

import { configFile } from "../test/harness/cluster-config.ts";
import { controllerWithOthers, oneNode } from "./cluster.ts";
import { type Scenario, scenario } from "./row.ts";
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
import { manifestTime } from "./rows/manifest.ts";
import { rebootTime, restartRows, stopTime } from "./rows/restart.ts";
import { stagingMemory } from "./rows/staging.ts";
import { startRows } from "./rows/start.ts";
import { writeLoad } from "./rows/write-load.ts";

const single = "k0s controller --single";
const controller = "k0s controller";
const args = (command: string): string[] => command.split(" ").slice(1);
const kubeRouter = { network: { provider: "kuberouter" } };

export const scenarios: readonly Scenario[] = [
  fileSize,
  scenario("single", (signal) => oneNode({ name: "bench", args: args(single) }, signal), [
    startRows("single", "--single, empty data directory", single, { api: 4.5, node: 8, pods: 20 }),
    stagingMemory,
    commandTimes,
    idleRows("single-idle", "single node, Calico", single, {
      memory: 760,
      anonymous: 463,
      supervisor: 70,
      supervisorAnonymous: 45,
      cpu: 6,
      disk: 700,
    }),
    manifestTime,
    apiserverKilled,
    stopTime,
    restartRows("", single, { api: 3.2, node: 5 }),
    rebootTime,
  ]),
  scenario(
    "kuberouter",
    (signal) =>
      oneNode({ name: "bench", args: [...args(single), "--config", configFile], spec: kubeRouter }, signal),
    [
      startRows("kuberouter", "--single with kube-router", single, { api: 4.5, node: 8, pods: 20 }),
      idleRows("kuberouter-idle", "single node, kube-router", single, { memory: 700, anonymous: 463 }),
    ],
  ),
  scenario("controller", (signal) => oneNode({ name: "bench", args: args(controller) }, signal), [
    startRows("controller", "controller with etcd, empty data directory", controller, { api: 5 }),
    idleRows("controller-idle", "controller with etcd", controller, {
      memory: 420,
      anonymous: 386,
      supervisor: 70,
      supervisorAnonymous: 45,
      cpu: 4,
      logLines: 10,
    }),
    writeLoad,
    restartRows("controller-", controller, { api: 3.2 }),
  ]),
  scenario(
    "growth",
    (signal) =>
      oneNode(
        {
          name: "bench",
          args: [...args(controller), "--disable-components=konnectivity-server", "--config", configFile],
          spec: growthSpec,
        },
        signal,
      ),
    [growth],
  ),
  scenario(
    "deployer",
    (signal) =>
      oneNode(
        {
          name: "bench",
          args: [...args(controller), "--disable-components=konnectivity-server", "--config", configFile],
          spec: deployerSpec,
        },
        signal,
      ),
    [deployer],
  ),
  scenario("join", controllerWithOthers, [
    writesWithOne,
    workerJoin,
    controllerJoin,
    writesWithThree,
    workerMemory,
    failOver,
  ]),
  buildTime,
];
