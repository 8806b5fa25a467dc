// The clusters that are measured: one node, or a controller with what joins it.

import { startNetwork, type TestNetwork } from "../test/harness/test-machine.ts";
import { BenchNode, type NodeOptions } from "./node.ts";

async function inNetwork<T extends object>(
  make: (network: TestNetwork) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const network = await startNetwork();
  try {
    return Object.assign(await make(network), { [Symbol.asyncDispose]: () => network.destroy() });
  } catch (err) {
    await network.destroy();
    throw err;
  }
}

/** A node on which k0s does not run yet. */
export function oneNode(options: NodeOptions): Promise<BenchNode & AsyncDisposable> {
  return inNetwork((network) => BenchNode.create(network, options));
}

export interface JoinBench {
  readonly controller: BenchNode;
  readonly worker: BenchNode;
  /** Two more controllers, which have not joined yet. */
  readonly others: readonly BenchNode[];
}

/** A controller whose API is ready, and machines that can join it. */
export function controllerWithOthers(): Promise<JoinBench & AsyncDisposable> {
  return inNetwork(async (network) => {
    const node = (name: string, role: string): Promise<BenchNode> =>
      BenchNode.create(network, { name, args: [role] });
    const controller = await node("first", "controller");
    const startedAt = await controller.startK0s();
    await controller.ask("follow-start", String(startedAt), "api");
    return {
      controller,
      worker: await node("worker", "worker"),
      others: [await node("second", "controller"), await node("third", "controller")],
    };
  });
}
