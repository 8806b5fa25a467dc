// Keeps the stack `helm` applied: the definition of Chart, and what the configuration asks for.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { type AppliedMemory, createCodeStack } from "../../deployer/apply-stack.ts";
import type { ObservedObject } from "../../deployer/observed-object.ts";
import { judgeInternal, type Verdict } from "../../deployer/surplus.ts";
import type { KubeClient } from "../../kube/client.ts";
import { secretKind } from "../../kube/objects/secret.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { WatchHealth } from "../../supervisor/leader-task.ts";
import { chartKind } from "./chart.ts";
import { helmStack } from "./chart-objects.ts";
import { orderOf } from "./order.ts";
import type { NamedCharts } from "./chart-record.ts";

export interface StackKeeper {
  run(signal: AbortSignal): Promise<void>;
  /** Applies it again at once. */
  ring(): void;
  /** Resolves after the first try, also one that failed: what users have made does not wait for the rest. */
  readonly tried: Promise<void>;
}

const resyncMs = 60_000;
/** While there is nothing but the definition of Chart to look after. */
const quietResyncMs = 300_000;

const neverNamed: Verdict = {
  verdict: "keep",
  why: "the configuration of this controller has never named it: another controller's has",
};

export function keepStack(options: {
  readonly client: KubeClient;
  readonly config: () => ClusterConfig;
  readonly named: NamedCharts;
  readonly applied: AppliedMemory;
  readonly log: Logger;
  readonly watch: WatchHealth;
}): StackKeeper {
  const { client, config, named, applied, log, watch } = options;
  // Charts may have left the configuration while no k0s was running.
  const judge = (object: ObservedObject): Verdict => {
    const verdict = judgeInternal(object);
    return verdict.verdict === "delete" && !named.has(object.ref) ? neverNamed : verdict;
  };
  // What is seen of a change is then in the order of the charts, too: none is seen changed before those that it waits for.
  const stack = createCodeStack(client, "helm", log, [chartKind, secretKind], judge, applied, orderOf);
  const tried = Promise.withResolvers<void>();
  const loop = createLoop({
    name: "Helm charts of the configuration",
    log,
    round: async (signal) => {
      try {
        const objects = helmStack(config().spec.extensions.helm);
        await named.add(objects);
        await stack.apply(objects, signal);
        await named.settle(objects);
        return config().spec.extensions.helm.charts.length === 0 ? quietResyncMs : resyncMs;
      } finally {
        tried.resolve();
      }
    },
  });
  watch(loop);
  return { run: (signal) => loop.run(signal), ring: () => loop.ring(), tried: tried.promise };
}
