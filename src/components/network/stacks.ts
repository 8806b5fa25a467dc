// The manifest files of each CNI provider, in upstream's folders and under its names.
// Upstream: pkg/component/controller/calico.go, pkg/component/controller/kuberouter.go.

import { idlePatches, type PatchList, patchObjects } from "../../deployer/patches/patch-objects.ts";
import type { SystemStackFiles } from "../../deployer/system-stack-files.ts";
import type { KubeObject } from "../../kube/types.ts";
import { windowsDaemonSets } from "../windows-node/declaration.ts";
import type { NetworkConfig } from "./config.ts";

/** Stack → its files. */
export type NetworkStacks = ReadonlyMap<string, SystemStackFiles>;

export interface NodeServices {
  /** Nodes run kube-proxy, unless the configuration says otherwise. */
  readonly proxied: boolean;
}

/** Loads only the manifests of the provider in use; none for `custom`. */
export async function networkStacks(config: NetworkConfig, services: NodeServices): Promise<NetworkStacks> {
  const { provider } = config.spec.network;
  if (provider === "calico") {
    const [{ calicoCrds }, { calicoObjects }] = await Promise.all([
      import("./calico/crds.ts"),
      import("./calico/manifest.ts"),
    ]);
    const list = patchesOf(config);
    return new Map([
      [
        "calico_init",
        fileEach(patchObjects(calicoCrds(), list), (crd) => `calico-crd-${crd.metadata.name ?? ""}.yaml`),
      ],
      [
        "calico",
        fileEach(
          patchObjects(calicoObjects(config), list),
          ({ kind, metadata }) => `calico-${kind}-${metadata.name ?? ""}.yaml`,
        ),
      ],
    ]);
  }
  if (provider === "kuberouter") {
    const { kubeRouterObjects } = await import("./kube-router/manifest.ts");
    return new Map([
      [
        "kuberouter",
        new Map([["kube-router.yaml", patchObjects(kubeRouterObjects(config, services), patchesOf(config))]]),
      ],
    ]);
  }
  return new Map();
}

/** Objects of the same name share a file. */
function fileEach(objects: readonly KubeObject[], nameOf: (object: KubeObject) => string): SystemStackFiles {
  return Map.groupBy(objects, nameOf);
}

/** Patches of the provider in use that name none of its objects. */
export function idleNetworkPatches(config: NetworkConfig, stacks: NetworkStacks): string[] {
  return idlePatches([...objectsIn(stacks), ...elsewhere(config)], patchesOf(config));
}

function objectsIn(stacks: NetworkStacks): readonly KubeObject[] {
  return [...stacks.values()].flatMap((files) => [...files.values()].flat());
}

/** What else the provider's patches are applied to, where there are nodes with Windows. */
function elsewhere({ spec }: NetworkConfig): readonly KubeObject[] {
  if (spec.network.provider !== "calico") return [];
  const metadata = { name: windowsDaemonSets.calico, namespace: "kube-system" };
  return [{ apiVersion: "apps/v1", kind: "DaemonSet", metadata }];
}

/** What the provider's patches are applied to, as it is without them. */
export async function patchableNetworkObjects(
  config: NetworkConfig,
  services: NodeServices,
): Promise<{ readonly objects: readonly KubeObject[]; readonly elsewhere: readonly KubeObject[] }> {
  const objects = objectsIn(await networkStacks(withoutPatches(config), services));
  return { objects, elsewhere: elsewhere(config) };
}

function withoutPatches(config: NetworkConfig): NetworkConfig {
  const { network } = config.spec;
  const { calico, kuberouter } = network;
  const bare = {
    ...network,
    calico: { ...calico, patches: [] },
    kuberouter: { ...kuberouter, patches: [] },
  };
  return { ...config, spec: { ...config.spec, network: bare } };
}

export function patchesOf({ spec: { network } }: NetworkConfig): PatchList {
  const { provider } = network;
  if (provider === "custom") return { path: "", patches: [] };
  return { path: `spec.network.${provider}.patches`, patches: network[provider].patches };
}
