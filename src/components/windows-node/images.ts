// Which images nodes with Windows pull.

import type { WindowsImageKey } from "../../config/images.ts";
import { type RowsConfig, windowsRows } from "./rows.ts";

/** In the order of spec.images. */
export function windowsImageKeysFor(config: RowsConfig): WindowsImageKey[] {
  const { kubeProxy, calico } = windowsRows({ config, disabledComponents: new Set() });
  return [
    ...(kubeProxy ? (["windows.kubeproxy"] as const) : []),
    "windows.pause",
    ...(calico ? (["calico.windows.cni", "calico.windows.node"] as const) : []),
  ];
}
