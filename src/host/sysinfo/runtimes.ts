// Which runtimes a node of this host would offer to pods, beside the runc of k0s.

import { type HostRuntime, hostRuntimes } from "../../components/containerd/host-runtimes.ts";
import { pass, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export function runtimesOf(host: ProbeHost): readonly HostRuntime[] {
  return hostRuntimes(undefined, (program, path) => host.findExecutable(program, path));
}

export const runtimesProbe: Probe = {
  id: "runtimes",
  displayName: "Container runtimes of this host",
  check: async (host) => {
    const texts = runtimesOf(host).map(({ name, path }) => `${name} (${path})`);
    return pass(texts.length === 0 ? "none beside the runc of k0s" : texts.join(", "));
  },
};
