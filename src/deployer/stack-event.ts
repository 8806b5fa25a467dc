// A stack that cannot be applied is told to `kubectl get events -n kube-system`, too.

import type { KubeClient } from "../kube/client.ts";
import type { KubeResource } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";

interface Event extends KubeResource {
  involvedObject: { apiVersion: string; kind: string; name: string; namespace: string };
  reason: string;
  message: string;
  type: "Normal" | "Warning";
  source: { component: string };
  firstTimestamp: string;
  lastTimestamp: string;
  count: number;
}

const longestMessage = 1_000;

/** Never rejects: the log has the same text. */
export async function reportStackTrouble(
  client: KubeClient,
  stack: string,
  message: string,
  log: Logger,
): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const event: Event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      namespace: "kube-system",
      name: `k0s-stack-${stack}.${crypto.randomUUID().slice(0, 8)}`.toLowerCase(),
    },
    involvedObject: {
      apiVersion: "k0s.k0sproject.io/v1beta1",
      kind: "ClusterConfig",
      name: "k0s",
      namespace: "kube-system",
    },
    reason: "StackFailed",
    message: `Stack ${stack}: ${message}`.slice(0, longestMessage),
    type: "Warning",
    source: { component: "k0s" },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  try {
    await client.create(event, { retries: 0, timeoutMs: 5_000 });
  } catch (err) {
    log.debug("Cannot write an event", { err: errorMessage(err) });
  }
}
