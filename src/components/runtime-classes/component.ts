// Offers to pods what nodes have found on their hosts: there while a node has it. docs/adr/0088.

import { join } from "node:path";
import type { NodeIndex } from "../../deployer/node-index.ts";
import type { SystemStacks } from "../../deployer/stack-deployer.ts";
import { stackLabel } from "../../deployer/stack-labels.ts";
import type { KubeClient } from "../../kube/client.ts";
import { statIfExists } from "../../os/files.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { knownRuntimes } from "../containerd/host-runtimes.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { runtimeClassesDeclaration } from "./declaration.ts";
import { runtimeClass, runtimeClassKind } from "./manifest.ts";

export interface RuntimeClassesOptions {
  readonly client: () => Promise<Pick<KubeClient, "find">>;
  readonly paths: { readonly manifestsDir: string };
  readonly stacks: Pick<SystemStacks, "setStack" | "removeStack">;
  readonly nodes: Pick<NodeIndex, "onRuntimes">;
  readonly log: Logger;
}

export function runtimeClasses(options: RuntimeClassesOptions): Component {
  const { name } = runtimeClassesDeclaration;
  const stack = runtimeClassesDeclaration.stacks[0];
  const log = options.log.with({ component: name });
  let labelled: readonly string[] | undefined;
  let stopListening = (): void => undefined;

  /** Of a class that somebody has made, nothing is changed, nor is it deleted when the last node goes. */
  const isFree = async (runtime: string, client: Pick<KubeClient, "find">, signal: AbortSignal) => {
    const found = await client.find({ ...runtimeClassKind, name: runtime }, { signal });
    const free = found === undefined || found.metadata.labels?.[stackLabel] === stack;
    if (!free) log.info("A RuntimeClass of this name is there already, and is left alone", { runtime });
    return free;
  };

  const write = async (signal: AbortSignal): Promise<void> => {
    // What an earlier run has written stays until the nodes are known.
    if (labelled === undefined) return;
    const names = knownRuntimes.map((one) => one.name).filter((one) => labelled?.includes(one));
    const client = await options.client();
    const free: string[] = [];
    for (const runtime of names) if (await isFree(runtime, client, signal)) free.push(runtime);
    if (free.length > 0)
      return options.stacks.setStack(stack, new Map([["runtime-classes.yaml", free.map(runtimeClass)]]));
    const written = await statIfExists(join(options.paths.manifestsDir, stack));
    if (written !== undefined) await options.stacks.removeStack(stack);
  };

  const writing = createLoop({ name: "runtime classes", log, round: write });
  return task({
    name,
    dependsOn: [kubeApiserverDeclaration],
    parts: async () => {
      stopListening = options.nodes.onRuntimes((names) => {
        labelled = names;
        writing.ring();
      });
      return [writing];
    },
    end: () => stopListening(),
  });
}
