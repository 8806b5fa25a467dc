// Everything that is measured, in the order of the table.

import { controllerWithOthers, oneNode } from "./cluster.ts";
import { type Scenario, scenario } from "./row.ts";
import { buildTime } from "./rows/build-time.ts";
import { commandTimes } from "./rows/commands.ts";
import { fileSize } from "./rows/file-size.ts";
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
import { rebootTime, restartTimes, stopTime } from "./rows/restart.ts";
import { stagingMemory } from "./rows/staging.ts";
import { startRows } from "./rows/start.ts";

const single = "k0s controller --single";
const controller = "k0s controller";
const args = (command: string): string[] => command.split(" ").slice(1);
const kubeRouter =
  "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  network:\n    provider: kuberouter\n";

export const scenarios: readonly Scenario[] = [
  fileSize,
  scenario("single", () => oneNode({ name: "bench", args: args(single) }), [
    startRows("single", "--single, empty data directory", single, { api: 4.5, node: 8, pods: 20 }),
    stagingMemory,
    commandTimes,
    idleRows("single-idle", "single node, Calico", single, { memory: 760, cpu: 6, disk: 700 }),
    manifestTime,
    apiserverKilled,
    stopTime,
    restartTimes,
    rebootTime,
  ]),
  scenario(
    "kuberouter",
    () =>
      oneNode({
        name: "bench",
        args: [...args(single), "--config", "/etc/k0s/k0s.yaml"],
        config: kubeRouter,
      }),
    [
      startRows("kuberouter", "--single with kube-router", single, { api: 4.5, node: 8, pods: 20 }),
      idleRows("kuberouter-idle", "single node, kube-router", single, { memory: 700 }),
    ],
  ),
  scenario("controller", () => oneNode({ name: "bench", args: args(controller) }), [
    startRows("controller", "controller with etcd, empty data directory", controller, { api: 5 }),
    idleRows("controller-idle", "controller with etcd", controller, {
      memory: 420,
      supervisor: 70,
      cpu: 4,
      logLines: 10,
    }),
  ]),
  scenario("join", controllerWithOthers, [
    writesWithOne,
    workerJoin,
    workerMemory,
    controllerJoin,
    writesWithThree,
    failOver,
  ]),
  buildTime,
];
