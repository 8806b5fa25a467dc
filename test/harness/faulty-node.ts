// A single node for tests that make it ill: started by the first test that asks for it, one for all tests of a file.

import { afterAll, describe, test } from "bun:test";
import { TestCluster } from "./cluster.ts";
import { type NodeFault, printRow, seeFault } from "./node-faults.ts";
import { singleNode, singleNodeArgs } from "./single-node.ts";
import type { TestMachineOptions } from "./test-machine.ts";
import { withLogs } from "./with-machine.ts";

export interface FaultyNodePlan {
  /** Further arguments of k0s. */
  readonly args?: readonly string[];
  readonly small?: TestMachineOptions["small"];
}

export interface LazyNode {
  /** Of `k0s controller`. */
  readonly args: readonly string[];
  /** The cluster whose only controller it is. */
  get(): Promise<TestCluster>;
}

/** Its only name server is on its loopback: that it gets green at all shows that pods do not get it. */
export function lazyNode({ args: further = [], small = [] }: FaultyNodePlan = {}): LazyNode {
  const args = [...singleNodeArgs, ...further];
  const cluster = new TestCluster({
    controllers: [
      singleNode({
        args,
        small,
        demoImages: false,
        prepare: (machine) => machine.writeFile("/etc/resolv.conf", "nameserver 127.0.0.1\n"),
      }),
    ],
  });
  let started: Promise<void> | undefined;
  afterAll(() => cluster[Symbol.asyncDispose](), 120_000);
  return {
    args,
    get: async () => {
      await (started ??= cluster.start());
      return cluster;
    },
  };
}

/** One test for each. */
export function seeFaults(group: string, node: LazyNode, faults: readonly NodeFault[]): void {
  describe(group, () => {
    test.each(faults.map((fault) => [fault.name, fault] as const))(
      "%s",
      async (_, fault) => {
        const { network, controller } = await node.get();
        await withLogs(network, async () => printRow(await seeFault(controller, fault)));
      },
      900_000,
    );
  });
}
