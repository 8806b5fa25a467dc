// The manifest files of each CNI provider, in upstream's folders and under its names.
// Upstream: pkg/component/controller/calico.go, pkg/component/controller/kuberouter.go.

import type { SystemStackFiles } from "../../deployer/system-stack-files.ts";
import type { KubeObject } from "../../kube/types.ts";
import type { NetworkConfig } from "./config.ts";

/** Stack → its files. */
export type NetworkStacks = ReadonlyMap<string, SystemStackFiles>;

/** Loads only the manifests of the provider in use; none for `custom`. */
export async function networkStacks(config: NetworkConfig): Promise<NetworkStacks> {
  const { provider } = config.spec.network;
  if (provider === "calico") {
    const [{ calicoCrds }, { calicoObjects }] = await Promise.all([
      import("./calico/crds.ts"),
      import("./calico/manifest.ts"),
    ]);
    return new Map([
      ["calico_init", fileEach(calicoCrds(), (crd) => `calico-crd-${crd.metadata.name ?? ""}.yaml`)],
      [
        "calico",
        fileEach(calicoObjects(config), ({ kind, metadata }) => `calico-${kind}-${metadata.name ?? ""}.yaml`),
      ],
    ]);
  }
  if (provider === "kuberouter") {
    const { kubeRouterObjects } = await import("./kube-router/manifest.ts");
    return new Map([["kuberouter", new Map([["kube-router.yaml", kubeRouterObjects(config)]])]]);
  }
  return new Map();
}

/** Objects of the same name share a file. */
function fileEach(objects: readonly KubeObject[], nameOf: (object: KubeObject) => string): SystemStackFiles {
  return Map.groupBy(objects, nameOf);
}
