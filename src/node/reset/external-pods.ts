// Pods in a container runtime that is not ours go through its CRI. Reference §14.3.

import { criClient } from "../../containerd/cri.ts";
import type { Logger } from "../../std/log.ts";

export async function removeExternalPods(socket: string, log: Logger, signal: AbortSignal): Promise<void> {
  using client = criClient(socket);
  const pods = await client.podSandboxes({ signal });
  for (const { id } of pods) {
    await client.stopPodSandbox(id, { signal });
    await client.removePodSandbox(id, { signal });
  }
  log.info("Pods of the external runtime removed", { pods: pods.length });
}
