// The CNI provider of the cluster: writes its stacks, and refuses to change it, because two of them on one node leave
// neither working. Upstream: pkg/component/controller/calico.go, pkg/component/controller/kuberouter.go.

import { join } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import type { SystemStacks } from "../../deployer/stack-deployer.ts";
import type { KubeClient } from "../../kube/client.ts";
import { statIfExists } from "../../os/files.ts";
import { unfitPatches } from "../../deployer/patches/kept-manifests.ts";
import { idleNotes } from "../../deployer/patches/patch-objects.ts";
import { tryPatches } from "../../deployer/patches/patch-trial.ts";
import { UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import type { Component } from "../../supervisor/component.ts";
import { fileDifferences } from "../../supervisor/preview.ts";
import {
  idleNetworkPatches,
  networkStacks,
  type NodeServices,
  patchableNetworkObjects,
  patchesOf,
} from "./stacks.ts";
import type { NetworkConfig } from "./config.ts";

type NetworkProvider = NodeConfig["spec"]["network"]["provider"];

export interface NetworkProviderOptions extends NodeServices {
  readonly config: NetworkConfig;
  readonly manifestsDir: string;
  readonly stacks: SystemStacks;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export function networkProvider(options: NetworkProviderOptions): Component {
  let current = options.config;
  const unfit = unfitPatches(options.log, "the network provider");

  const write = async (config: NetworkConfig): Promise<void> => {
    const wanted = config.spec.network.provider;
    const present = await presentProvider(options.manifestsDir);
    if (present !== undefined && present !== wanted) {
      throw new UserError(`cannot change CNI provider from ${present} to ${wanted}`, {
        hint: `Set spec.network.provider back to ${present}; a new provider needs a new cluster.`,
        code: "cni-provider-change",
      });
    }
    const stacks = await networkStacks(config, options);
    const idle = idleNetworkPatches(config, stacks);
    for (const patch of idle) options.log.warn("A patch names no object of the network provider", { patch });
    const notesOf = (stack: string): string[] => (stack === wanted ? idleNotes(idle) : []);
    await Promise.all(
      [...stacks].map(([name, files]) => options.stacks.setStack(name, files, notesOf(name))),
    );
    current = config;
    unfit.fits();
  };

  return {
    name: "network-provider",
    init: () =>
      unfit.firstWrite(
        () => write(options.config),
        async () => (await presentProvider(options.manifestsDir)) !== undefined,
      ),
    health: () => unfit.health(),
    start: async () => undefined,
    reconcile: write,
    async preview(next) {
      const { client, log } = options;
      const [before, after] = [patchesOf(current).patches, patchesOf(next)];
      if (after.patches.length > 0) {
        await tryPatches({ before, after, ...(await patchableNetworkObjects(next, options)), client, log });
      }
      const files = fileDifferences(await filesOf(current, options), await filesOf(next, options));
      return files.length === 0 ? undefined : { files };
    },
    stop: async () => undefined,
  };
}

/** By their paths below the folder of manifests. */
async function filesOf(config: NetworkConfig, services: NodeServices): Promise<ReadonlyMap<string, unknown>> {
  const stacks = await networkStacks(config, services);
  return new Map(
    [...stacks].flatMap(([stack, files]) =>
      [...files].map(([file, objects]) => [`${stack}/${file}`, objects]),
    ),
  );
}

/** The provider whose manifests are there. */
async function presentProvider(manifestsDir: string): Promise<NetworkProvider | undefined> {
  if (await exists(join(manifestsDir, "calico", "calico-DaemonSet-calico-node.yaml"))) return "calico";
  if (await exists(join(manifestsDir, "kuberouter", "kube-router.yaml"))) return "kuberouter";
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await statIfExists(path)) !== undefined;
}
