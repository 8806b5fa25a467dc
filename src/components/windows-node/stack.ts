// The manifest files of the stack `windows-node`.

import type { SystemStackFiles } from "../../deployer/system-stack-files.ts";
import { calicoForWindows, type WindowsCalicoConfig } from "./calico.ts";
import { kubeProxyForWindows, type WindowsProxyConfig } from "./kube-proxy.ts";
import { type RowsInput, windowsRows } from "./rows.ts";

export interface WindowsStackInput extends RowsInput {
  readonly config: WindowsCalicoConfig & WindowsProxyConfig;
}

/** Empty where nothing is wanted. */
export function windowsStack(input: WindowsStackInput): SystemStackFiles {
  const rows = windowsRows(input);
  return new Map([
    ...(rows.kubeProxy ? [["kube-proxy-windows.yaml", kubeProxyForWindows(input.config)] as const] : []),
    ...(rows.calico ? [["calico-windows.yaml", calicoForWindows(input.config)] as const] : []),
  ]);
}
