// A single node for tests that make it ill: started by the first test that asks for it, one for all tests of a file.

import { afterAll, describe, test } from "bun:test";
import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { type NodeFault, printRow, seeFault } from "./node-faults.ts";
import { singleNodeCommand, startCluster } from "./single-node.ts";
import { startNetwork, type TestMachine, type TestMachineOptions, type TestNetwork } from "./test-machine.ts";
import { withLogs } from "./with-machine.ts";

export interface FaultyNode {
  readonly network: TestNetwork;
  readonly machine: TestMachine;
  /** That runs now. */
  k0s: MachineProcess;
}

export interface FaultyNodePlan {
  /** Further arguments of k0s. */
  readonly args?: readonly string[];
  readonly small?: TestMachineOptions["small"];
}

export interface LazyNode {
  readonly command: readonly string[];
  get(): Promise<FaultyNode>;
}

/** Its only name server is on its loopback: that it gets green at all shows that pods do not get it. */
export function lazyNode({ args = [], small = [] }: FaultyNodePlan = {}): LazyNode {
  const command = [...singleNodeCommand, ...args];
  let network: TestNetwork | undefined;
  let started: Promise<FaultyNode> | undefined;
  const start = async (): Promise<FaultyNode> => {
    network = await startNetwork();
    const machine = await network.machine({ name: "single", small });
    await machine.writeFile("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    return { network, machine, k0s: await startCluster(machine, { command }) };
  };
  afterAll(() => network?.destroy(), 120_000);
  return { command, get: () => (started ??= start()) };
}

/** One test for each. */
export function seeFaults(group: string, node: LazyNode, faults: readonly NodeFault[]): void {
  describe(group, () => {
    test.each(faults.map((fault) => [fault.name, fault] as const))(
      "%s",
      async (_, fault) => {
        const { network, machine } = await node.get();
        await withLogs(network, async () => printRow(await seeFault(machine, fault)));
      },
      900_000,
    );
  });
}
