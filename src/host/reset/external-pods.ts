// Pods in a container runtime that is not ours go through its CRI, and only those that k0s' kubelet knows: the runtime may
// run others. Upstream: pkg/cleanup/containers.go.

import { join } from "node:path";
import { criClient } from "../../components/containerd/cri.ts";
import type { Logger } from "../../std/log.ts";
import { namesIn } from "../../os/names-in.ts";

export async function removeExternalPods(
  socket: string,
  kubeletRootDirs: readonly string[],
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const known = new Set((await Promise.all(kubeletRootDirs.map((dir) => namesIn(join(dir, "pods"))))).flat());
  using client = criClient(socket);
  const pods = await client.podSandboxes({ signal });
  const ours = pods.filter(({ uid }) => known.has(uid));
  for (const { id } of ours) {
    await client.stopPodSandbox(id, { signal });
    await client.removePodSandbox(id, { signal });
  }
  log.info("Pods of the external runtime removed", {
    pods: ours.length,
    leftAlone: pods.length - ours.length,
  });
}
