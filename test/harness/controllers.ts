// Controllers in the hands of a test: machines that run `k0s controller`, by themselves or joined with tokens.

import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { type ClusterSpec, writeClusterConfig } from "./cluster-config.ts";
import type { TestMachine, TestNetwork } from "./test-machine.ts";
import { withLogs } from "./with-machine.ts";

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

const log = "k0s";

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
  if (token === undefined) return machine.start(log, ["k0s", "controller", ...args]);
  if (tokenBy === "file") await machine.writeFile("/root/token", token, 0o600);
  const tokenArgs = { file: ["--token-file", "/root/token"], argument: [token], variable: [] }[tokenBy];
  const env = tokenBy === "variable" ? { K0S_TOKEN: token } : {};
  return machine.start(log, ["k0s", "controller", ...tokenArgs, ...args], { env });
}

export async function restart(controller: TestController, start: ControllerStart = {}): Promise<void> {
  controller.process = await launch(controller.machine, start);
  await apiReady(controller);
}

export async function apiReady({ machine }: TestController): Promise<void> {
  await machine.waitFor(
    "the API",
    async () => (await machine.exec(["k0s", "kubectl", "get", "--raw", "/readyz"])).code === 0,
    { intervalMs: 500 },
  );
}

export async function tokenFor(
  { machine }: TestController,
  role: "controller" | "worker",
  ...flags: readonly string[]
): Promise<string> {
  return (await machine.ok(["k0s", "token", "create", "--role", role, "--wait", ...flags])).trim();
}

/** Member name → peer URL. */
export async function memberList({ machine }: TestController): Promise<Record<string, string>> {
  const { members } = JSON.parse(await machine.ok(["k0s", "etcd", "member-list"])) as {
    members: Record<string, string>;
  };
  return members;
}

export function kubectl({ machine }: TestController, ...args: readonly string[]): Promise<string> {
  return machine.ok(["k0s", "kubectl", ...args]);
}

/** Ends k0s in order; resolves when it has ended. */
export async function stopController({ process, machine }: TestController): Promise<void> {
  await process.kill("SIGTERM");
  await machine.waitFor(
    "the end of k0s",
    async () => (await machine.exec(["test", "-e", "/run/k0s/k0s.yaml"])).code !== 0,
  );
  await process.exited;
}
