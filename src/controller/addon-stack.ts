// A system add-on as a component: renders its manifests, hands them to the deployer, and again when the configuration or
// the number of nodes changes. Its stack is there from the first moment of the API, because it is written before that.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { SystemStacks } from "../deployer/stack-deployer.ts";
import type { KubeClient } from "../kube/client.ts";
import type { KubeObject } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";
import { countLinuxNodes } from "./node-counter.ts";

export interface AddonContext {
  readonly config: ClusterConfig;
  readonly stacks: SystemStacks;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export interface AddonOptions {
  readonly name: string;
  readonly stack: string;
  /** Below <manifests>/<stack>; upstream's name. */
  readonly file: string;
  readonly render: (input: { config: ClusterConfig; nodeCount: number }) => readonly KubeObject[];
}

export function addonStack(context: AddonContext, options: AddonOptions): Component {
  const log = context.log.with({ component: options.name });
  const stopping = new AbortController();
  let config = context.config;
  // The node of a single-node cluster comes a little later, and is one.
  let nodeCount = 1;
  let writing: Promise<void> = Promise.resolve();
  let counting: Promise<void> = Promise.resolve();

  /** One write after the other, so that the newest count wins. */
  const write = (): Promise<void> => {
    const next = writing
      .catch(() => undefined)
      .then(() => {
        const objects = options.render({ config, nodeCount });
        return context.stacks.setStack(options.stack, new Map([[options.file, objects]]));
      });
    writing = next;
    return next;
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    const client = await context.client();
    const onCount = (count: number): void => {
      const known = Math.max(1, count);
      if (known === nodeCount) return;
      nodeCount = known;
      write().catch((err: unknown) =>
        log.error("Cannot write the manifests of an add-on", { err: errorMessage(err) }),
      );
    };
    await countLinuxNodes(client, { log, signal, onCount });
  };

  return {
    name: options.name,
    dependsOn: ["kube-apiserver"],
    init: write,
    async start() {
      counting = follow(stopping.signal);
      counting.catch((err: unknown) => log.error("Cannot count the nodes", { err: errorMessage(err) }));
    },
    async reconcile(next) {
      config = next;
      await write();
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([counting, writing]);
    },
  };
}
