// What a person is shown of the container runtime of a node.

import type { RuntimeFacts } from "../../components/containerd/cri.ts";

/** Nothing of what is as it always is. */
export function runtimeTexts({ handlers, deprecations }: RuntimeFacts): Readonly<Record<string, string>> {
  const outdated = deprecations.map(({ message }) => message).join(" ");
  return {
    ...(handlers.length > 1 ? { "Container runtimes": handlers.join(", ") } : {}),
    ...(outdated === "" ? {} : { "Outdated settings of containerd": outdated }),
  };
}
