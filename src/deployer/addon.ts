// A system add-on as a component: renders its manifests, hands them to the deployer, and again when the configuration or
// the number of nodes changes. Its stack is there from the first moment of the API, because it is written before that.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { SystemStacks } from "./stack-deployer.ts";
import type { KubeClient } from "../kube/client.ts";
import type { KubeObject } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component, Dependency } from "../supervisor/component.ts";
import { fileDifferences } from "../supervisor/preview.ts";
import type { NodeIndex } from "./node-index.ts";
import { unfitPatches } from "./patches/kept-manifests.ts";
import { idleNotes, idlePatches, type PatchList, patchObjects } from "./patches/patch-objects.ts";
import { tryPatches } from "./patches/patch-trial.ts";

export interface AddonContext {
  readonly config: ClusterConfig;
  readonly stacks: SystemStacks;
  readonly nodes: Pick<NodeIndex, "onLinuxCount">;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export interface AddonOptions {
  readonly name: string;
  readonly stack: string;
  /** Below <manifests>/<stack>; upstream's name. */
  readonly file: string;
  /** The API that its manifests are for. */
  readonly dependsOn: readonly Dependency[];
  /** Of the configuration, where the add-on has some. */
  readonly patches?: (config: ClusterConfig) => PatchList;
  readonly render: (input: { config: ClusterConfig; nodeCount: number }) => readonly KubeObject[];
}

export function addonStack(context: AddonContext, options: AddonOptions): Component {
  const log = context.log.with({ component: options.name });
  let config = context.config;
  // The node of a single-node cluster comes a little later, and counts as one.
  let nodeCount = 1;
  let writing: Promise<void> = Promise.resolve();
  let stopListening = (): void => undefined;
  const unfit = unfitPatches(log, "the add-on");

  const objectsOf = (of: ClusterConfig): { objects: readonly KubeObject[]; idle: readonly string[] } => {
    const objects = options.render({ config: of, nodeCount });
    const list = options.patches?.(of);
    return list === undefined
      ? { objects, idle: [] }
      : { objects: patchObjects(objects, list), idle: idlePatches(objects, list) };
  };

  /** One write after the other, so that the newest count wins. */
  const write = (): Promise<void> => {
    const next = writing
      .catch(() => undefined)
      .then(async () => {
        const { objects, idle } = objectsOf(config);
        for (const patch of idle) log.warn("A patch names no object of this add-on", { patch });
        await context.stacks.setStack(options.stack, new Map([[options.file, objects]]), idleNotes(idle));
        unfit.fits();
      });
    writing = next;
    return next;
  };

  const onCount = (count: number): void => {
    const known = Math.max(1, count);
    if (known === nodeCount) return;
    nodeCount = known;
    write().catch((err: unknown) =>
      log.error("Cannot write the manifests of an add-on", { err: errorMessage(err) }),
    );
  };

  return {
    name: options.name,
    dependsOn: options.dependsOn,
    init: () => unfit.firstWrite(write, () => context.stacks.hasStack(options.stack)),
    health: () => unfit.health(),
    async start() {
      stopListening = context.nodes.onLinuxCount(onCount);
    },
    async reconcile(next) {
      config = next;
      await write();
    },
    async preview(next) {
      const files = (of: ClusterConfig): ReadonlyMap<string, unknown> =>
        new Map([[`${options.stack}/${options.file}`, objectsOf(of).objects]]);
      const changed = fileDifferences(files(config), files(next));
      const [before, after] = [options.patches?.(config), options.patches?.(next)];
      if (before !== undefined && after !== undefined) {
        const objects = options.render({ config: next, nodeCount });
        await tryPatches({ ...context, before: before.patches, after, objects, log });
      }
      return changed.length === 0 ? undefined : { files: changed };
    },
    async stop() {
      stopListening();
      await Promise.allSettled([writing]);
    },
  };
}
