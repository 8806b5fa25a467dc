// What a person is shown of the container runtime of a node.

import type { RuntimeFacts } from "../../components/containerd/cri.ts";

/** Nothing of what is as it always is. */
export function runtimeTexts({ handlers, deprecations }: RuntimeFacts): Readonly<Record<string, string>> {
  // What sysinfo says of a host is not said again.
  const settings = deprecations.filter(({ id }) => id !== "io.containerd.deprecation/cgroup-v1");
  const outdated = settings.map(({ message }) => message).join(" ");
  return {
    ...(handlers.length > 1 ? { "Container runtimes": handlers.join(", ") } : {}),
    ...(outdated === "" ? {} : { "Outdated settings of containerd": outdated }),
  };
}
