// Controllers in the hands of a test: machines that run `k0s controller`, by themselves or joined with tokens.

import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { type ClusterSpec, writeClusterConfig } from "./cluster-config.ts";
import type { TestMachine, TestNetwork } from "./test-machine.ts";
import { withLogs } from "./with-machine.ts";

/** Of controllers whose cluster has no pods: what only serves pods and nodes is not there. */
export const bareControlPlane =
  "--disable-components=coredns,metrics-server,network-provider,konnectivity-server";

export interface TestController {
  readonly machine: TestMachine;
  /** Of the k0s that runs now. */
  process: MachineProcess;
}

export interface ControllerStart {
  /** The join token; absent: a cluster of its own, or one that it belongs to. */
  readonly token?: string | undefined;
  /** How it is given; default: in a file. */
  readonly tokenBy?: "file" | "argument" | "variable";
  readonly args?: readonly string[];
  /** Of /etc/k0s/k0s.yaml; default: there is no such file. */
  readonly spec?: ClusterSpec;
  /** Called before k0s starts for the first time. */
  readonly prepare?: (machine: TestMachine) => Promise<void>;
}

export async function newController(
  network: TestNetwork,
  name: string,
  start: ControllerStart = {},
): Promise<TestController> {
  const machine = await network.machine({ name });
  await start.prepare?.(machine);
  const controller = { machine, process: await launch(machine, start) };
  await apiReady(controller);
  return controller;
}

/** `c1`, `c2` and `c3`; the others join at once. What they have logged is shown if one of them does not get ready. */
export function threeControllers(
  network: TestNetwork,
  start: ControllerStart = {},
): Promise<readonly [TestController, TestController, TestController]> {
  return withLogs(network, () => makeThree(network, start));
}

async function makeThree(
  network: TestNetwork,
  start: ControllerStart,
): Promise<readonly [TestController, TestController, TestController]> {
  const first = await newController(network, "c1", start);
  const joining = { ...start, token: await tokenFor(first, "controller") };
  const [second, third] = await Promise.all([
    newController(network, "c2", joining),
    newController(network, "c3", joining),
  ]);
  return [first, second, third];
}

/** Starts k0s without waiting for anything. */
export async function launch(
  machine: TestMachine,
  { token, tokenBy = "file", args = [], spec }: ControllerStart = {},
): Promise<MachineProcess> {
  if (spec !== undefined) await writeClusterConfig(machine, spec);
  return machine.startK0s({ role: "controller", args, token, tokenBy });
}

export async function restart(controller: TestController, start: ControllerStart = {}): Promise<void> {
  controller.process = await launch(controller.machine, start);
  await apiReady(controller);
}

export function apiReady({ machine }: TestController): Promise<void> {
  return machine.apiReady();
}

export function tokenFor(
  { machine }: TestController,
  role: "controller" | "worker",
  ...flags: readonly string[]
): Promise<string> {
  return machine.joinToken(role, ...flags);
}

/** Member name → peer URL. */
export function memberList({ machine }: TestController): Promise<Readonly<Record<string, string>>> {
  return machine.etcdMembers();
}

export function kubectl({ machine }: TestController, ...args: readonly string[]): Promise<string> {
  return machine.kubectl(...args);
}

/** Ends k0s in order; resolves when it has ended. */
export function stopController({ machine }: TestController): Promise<void> {
  return machine.stopK0s();
}
