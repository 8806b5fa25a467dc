// What nodes with Windows need in the cluster: there while there is such a node, and loaded only then.
// Upstream: pkg/component/controller/windowsnode.go. docs/adr/0074.

import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { NodeIndex } from "../../deployer/node-index.ts";
import type { SystemStacks } from "../../deployer/stack-deployer.ts";
import { statIfExists } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import type { Component } from "../../supervisor/component.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { windowsNodeDeclaration } from "./declaration.ts";

export interface WindowsNodeOptions {
  readonly config: ClusterConfig;
  readonly paths: { readonly manifestsDir: string };
  readonly disabledComponents: ReadonlySet<string>;
  readonly stacks: SystemStacks;
  readonly nodes: Pick<NodeIndex, "onWindowsCount">;
  readonly log: Logger;
}

export function windowsNodeComponent(options: WindowsNodeOptions): Component {
  const { name } = windowsNodeDeclaration;
  const stack = windowsNodeDeclaration.stacks[0];
  const log = options.log.with({ component: name });
  let config = options.config;
  let present: boolean | undefined;
  let writing: Promise<void> = Promise.resolve();
  let stopListening = (): void => undefined;

  const files = async () => {
    if (present !== true) return new Map();
    const { windowsStack } = await import("./stack.ts");
    return windowsStack({ config, disabledComponents: options.disabledComponents });
  };

  const write = async (): Promise<void> => {
    // What an earlier run has written stays until the nodes are known.
    if (present === undefined) return;
    const wanted = await files();
    if (wanted.size > 0) return options.stacks.setStack(stack, wanted);
    const written = await statIfExists(join(options.paths.manifestsDir, stack));
    if (written !== undefined) await options.stacks.removeStack(stack);
  };
  /** Why what the cluster has is not what it should have: a patch that cannot be applied, for example. */
  let unwritten: Error | undefined;

  /** One write after the other, so that the newest state wins. */
  const enqueue = (): Promise<void> => {
    const before = Promise.allSettled([writing]);
    writing = before.then(write).then(
      () => void (unwritten = undefined),
      (err: unknown) => {
        unwritten = err instanceof Error ? err : new Error(errorMessage(err), { cause: err });
        throw err;
      },
    );
    return writing;
  };

  const onCount = (count: number): void => {
    if (present === count > 0) return;
    present = count > 0;
    log.info(present ? "The cluster has nodes with Windows" : "The cluster has no node with Windows");
    enqueue().catch((err: unknown) =>
      log.error("Cannot write the manifests for nodes with Windows", { err: errorMessage(err) }),
    );
  };

  return {
    name,
    dependsOn: [kubeApiserverDeclaration],
    async start() {
      stopListening = options.nodes.onWindowsCount(onCount);
    },
    async reconcile(next) {
      config = next;
      await enqueue();
    },
    async health() {
      if (unwritten !== undefined) throw unwritten;
    },
    async stop() {
      stopListening();
      await Promise.allSettled([writing]);
    },
  };
}
