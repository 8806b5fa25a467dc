// How many Linux nodes there are: what the replicas and requests of the add-ons follow.

import type { KubeClient } from "../kube/client.ts";
import { createInformer } from "../kube/informer.ts";
import type { Logger } from "../std/log.ts";

/** Calls `onCount` with the first count and whenever it changes, until the signal aborts. */
export async function countLinuxNodes(
  client: KubeClient,
  options: { log: Logger; signal: AbortSignal; onCount: (nodes: number) => void },
): Promise<void> {
  let last = -1;
  const nodes = createInformer({
    client,
    kind: { apiVersion: "v1", kind: "Node" },
    labelSelector: "kubernetes.io/os=linux",
    log: options.log,
    onChange: () => {
      const count = nodes.items().length;
      if (count === last) return;
      last = count;
      options.onCount(count);
    },
  });
  await nodes.run(options.signal);
}
