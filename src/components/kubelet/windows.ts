// kubelet on Windows. Upstream: pkg/component/worker/kubelet.go.

import type { KubeletSystem } from "./component.ts";

export const windowsKubelet: KubeletSystem = {
  // There are no control groups for it to enforce anything with, and no bridge.
  flags: { "enforce-node-allocatable": "", "hairpin-mode": "promiscuous-bridge" },
  // Name servers of Windows belong to its network adapters.
  resolvConf: () => Promise.resolve(""),
};
