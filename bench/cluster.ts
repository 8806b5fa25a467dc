// The clusters that are measured: one node, or a controller with what joins it.

import { unlessAborted } from "../src/std/wait.ts";
import { configFile } from "../test/harness/cluster-config.ts";
import { startNetwork, type TestNetwork } from "../test/harness/test-machine.ts";
import { BenchNode, type NodeOptions } from "./node.ts";
import type { Variant } from "./variant.ts";

/** Machines on one bridge, gone with what is made of them. */
export async function inNetwork<T extends object>(
  signal: AbortSignal,
  make: (network: TestNetwork) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const network = await startNetwork();
  try {
    const made = await unlessAborted(make(network), signal);
    return Object.assign(made, { [Symbol.asyncDispose]: () => network.destroy() });
  } catch (err) {
    await network.destroy();
    throw err;
  }
}

/** A node on which k0s does not run yet. */
export function oneNode(options: NodeOptions, signal: AbortSignal): Promise<BenchNode & AsyncDisposable> {
  return inNetwork(signal, (network) => BenchNode.create(network, options));
}

export interface JoinBench {
  readonly controller: BenchNode;
  readonly worker: BenchNode;
  /** Two more controllers, which have not joined yet. */
  readonly others: readonly BenchNode[];
}

/** Of every controller of a cluster whose workers balance their requests. */
const balanced = { network: { nodeLocalLoadBalancing: { enabled: true } } };

/** A controller whose API is ready, and machines that can join it. */
export function controllerWithOthers(
  variant: Variant,
  signal: AbortSignal,
): Promise<JoinBench & AsyncDisposable> {
  return inNetwork(signal, async (network) => {
    const makeController = (name: string): Promise<BenchNode> =>
      BenchNode.create(network, {
        ...variant,
        name,
        args: ["controller", "--config", configFile],
        spec: balanced,
      });
    const controller = await makeController("first");
    const worker = await BenchNode.create(network, { ...variant, name: "worker", args: ["worker"] });
    const others = [await makeController("second"), await makeController("third")];
    const startedAt = await controller.startK0s();
    await controller.ask("follow-start", String(startedAt), "api");
    return { controller, worker, others };
  });
}
