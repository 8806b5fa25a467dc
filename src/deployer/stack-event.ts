// What is wrong with a stack, or left to its user, also shows in `kubectl get events -n kube-system`.

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

export interface StackReport {
  readonly stack: string;
  /** `StackNotice`: it is applied, but not all is as its manifests have it. */
  readonly reason: "StackFailed" | "StackNotice";
  readonly message: string;
}

const longestMessage = 1_000;

/** Never rejects: the log has the same text. */
export async function reportStack(
  client: KubeClient,
  { stack, reason, message }: StackReport,
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
    reason,
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
