// Offers to pods what nodes have found on their hosts: there while a node has it. docs/adr/0088, docs/adr/0093.

import { join } from "node:path";
import type { NodeIndex } from "../../deployer/node-index.ts";
import type { SystemStacks } from "../../deployer/stack-deployer.ts";
import { fieldManager } from "../../deployer/stack-labels.ts";
import type { KubeClient } from "../../kube/client.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import type { KubeObject } from "../../kube/types.ts";
import { statIfExists } from "../../os/files.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import { untilAborted } from "../../std/wait.ts";
import type { Component } from "../../supervisor/component.ts";
import { task, type TaskPart } from "../../supervisor/task.ts";
import { knownRuntimes } from "../containerd/host-runtimes.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { claimedBy, isMarked } from "./claimed.ts";
import { runtimeClassesDeclaration } from "./declaration.ts";
import { runtimeClass, runtimeClassKind } from "./manifest.ts";

type Client = Pick<KubeClient, "apply" | "list" | "watch">;
type RuntimeClass = KubeObject & { readonly handler: string };

export interface RuntimeClassesOptions {
  readonly client: () => Promise<Client>;
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

  /** Names that are somebody else's, and said to be. */
  const yielded = new Set<string>();

  /** Neither its marks nor its nodes stay with k0s. What makes it a class has to stay with somebody, and cannot change anyway. */
  const giveUp = async (client: Client, found: RuntimeClass, signal: AbortSignal): Promise<void> => {
    const { name: runtime = "", uid } = found.metadata;
    // With its uid: what has been deleted meanwhile is not made again. Its own handler: somebody may have made it again with another.
    const bare = {
      ...runtimeClassKind,
      metadata: { name: runtime, ...(uid === undefined ? {} : { uid }) },
      handler: found.handler,
    };
    await client.apply(bare, { fieldManager, force: true, signal });
  };

  /** What others have made or want is theirs: nothing of it is changed, nor is it deleted when the last node goes. */
  const taken = async (client: Client, signal: AbortSignal): Promise<ReadonlySet<string>> => {
    const { items } = await client.list<RuntimeClass>(runtimeClassKind, { signal });
    const names = new Set<string>();
    for (const found of items) {
      const { name: runtime = "" } = found.metadata;
      if (!knownRuntimes.some((one) => one.name === runtime)) continue;
      const by = claimedBy(found);
      if (isMarked(found) && by === undefined) continue;
      names.add(runtime);
      // Before its manifest goes: the deployer would delete it.
      if (isMarked(found)) await giveUp(client, found, signal);
      if (!yielded.has(runtime))
        log.info("A RuntimeClass of this name is somebody else's, and is left to them", {
          runtime,
          ...(by === undefined ? {} : { by }),
        });
      yielded.add(runtime);
    }
    for (const runtime of yielded.difference(names)) yielded.delete(runtime);
    return names;
  };

  const write = async (signal: AbortSignal): Promise<void> => {
    // What an earlier run has written stays until the nodes are known.
    if (labelled === undefined) return;
    const written = (await statIfExists(join(options.paths.manifestsDir, stack))) !== undefined;
    if (labelled.length === 0 && !written) return;
    const theirs = await taken(await options.client(), signal);
    const free = knownRuntimes
      .map((one) => one.name)
      .filter((one) => labelled?.includes(one) && !theirs.has(one));
    if (free.length > 0)
      return options.stacks.setStack(stack, new Map([["runtime-classes.yaml", free.map(runtimeClass)]]));
    if (written) await options.stacks.removeStack(stack);
  };

  const writing = createLoop({ name: "runtime classes", log, round: write });
  return task({
    name,
    dependsOn: [kubeApiserverDeclaration],
    parts: async () => {
      const offered = Promise.withResolvers<void>();
      stopListening = options.nodes.onRuntimes((names) => {
        labelled = names;
        if (names.length > 0) offered.resolve();
        writing.ring();
      });
      const classes = createInformer({
        client: await options.client(),
        kind: runtimeClassKind,
        metadataOnly: true,
        log,
        onChange: () => writing.ring(),
      });
      return [writing, from(offered.promise, classes)];
    },
    end: () => stopListening(),
  });
}

/** From the first node on that offers a runtime: most clusters have none. */
function from(offered: Promise<void>, classes: Informer<KubeObject>): TaskPart {
  let begun = false;
  return {
    async run(signal) {
      await Promise.race([offered, untilAborted(signal)]);
      if (signal.aborted) return;
      begun = true;
      await classes.run(signal);
    },
    health() {
      if (begun) classes.health();
    },
  };
}
