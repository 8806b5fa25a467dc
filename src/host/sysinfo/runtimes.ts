// Which runtimes a node of this host would offer to pods, beside the runc of k0s.

import { hostRuntimes } from "../../components/containerd/host-runtimes.ts";
import { pass, type Probe } from "./probe.ts";

export const runtimesProbe: Probe = {
  id: "runtimes",
  displayName: "Container runtimes of this host",
  check: async (host) => {
    const found = hostRuntimes(undefined, (program, path) => host.findExecutable(program, path));
    const texts = found.map(({ name, path }) => `${name} (${path})`);
    return pass(texts.length === 0 ? "none beside the runc of k0s" : texts.join(", "));
  },
};
