// The manifest files of the stack `windows-node`.

import { patchObjects } from "../../deployer/patches/patch-objects.ts";
import type { SystemStackFiles } from "../../deployer/system-stack-files.ts";
import type { KubeObject } from "../../kube/types.ts";
import { calicoForWindows, type WindowsCalicoConfig } from "./calico.ts";
import { kubeProxyForWindows, type WindowsProxyConfig } from "./kube-proxy.ts";
import { type RowsInput, windowsRows } from "./rows.ts";

export interface WindowsStackInput extends RowsInput {
  readonly config: WindowsCalicoConfig & WindowsProxyConfig;
}

/** Empty where nothing is wanted. */
export function windowsStack(input: WindowsStackInput): SystemStackFiles {
  const rows = windowsRows(input);
  const { config } = input;
  const patched = (objects: readonly KubeObject[], provider: "calico" | "kubeProxy") => {
    const { patches } = config.spec.network[provider];
    return patchObjects(objects, { path: `spec.network.${provider}.patches`, patches });
  };
  return new Map([
    ...(rows.kubeProxy
      ? [["kube-proxy-windows.yaml", patched(kubeProxyForWindows(config), "kubeProxy")] as const]
      : []),
    ...(rows.calico ? [["calico-windows.yaml", patched(calicoForWindows(config), "calico")] as const] : []),
  ]);
}
