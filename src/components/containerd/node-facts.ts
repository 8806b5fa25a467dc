// What the Node of this host is to say of its containerd: labels for the runtimes that pods can use there, and a condition that tells
// whether settings are out of date. Upstream: pkg/component/worker/containerd/deprecation_monitor.go.

import { conditionOf } from "../../kube/objects/condition.ts";
import { type Node, runtimeLabelPrefix } from "../../kube/objects/node.ts";
import { secondsTimestamp } from "../../std/timestamp.ts";
import type { RuntimeFacts } from "./cri.ts";
import { knownRuntimes } from "./host-runtimes.ts";

const type = "ContainerdHasNoDeprecations";

export interface NodeChanges {
  /** As a merge patch; undefined: they are right. */
  readonly labels: Readonly<Record<string, string | null>> | undefined;
  /** Undefined: it is right. */
  readonly condition: object | undefined;
}

export function nodeChanges(node: Node, { handlers, deprecations }: RuntimeFacts, now: Date): NodeChanges {
  const present = node.metadata.labels ?? {};
  const labels: Record<string, string | null> = {};
  for (const { name } of knownRuntimes) {
    const label = runtimeLabelPrefix + name;
    const wanted = handlers.includes(name) ? "true" : undefined;
    if (present[label] !== wanted) labels[label] = wanted ?? null;
  }
  const well = deprecations.length === 0;
  const told = well
    ? { status: "True", reason: "NoDeprecations", message: "No containerd deprecation warnings detected" }
    : {
        status: "False",
        reason: "DeprecationsDetected",
        message: "Containerd has detected deprecated configuration or runtime features",
      };
  const at = secondsTimestamp(now);
  const isTold = conditionOf(node, type)?.status === told.status;
  return {
    labels: Object.keys(labels).length === 0 ? undefined : labels,
    condition: isTold ? undefined : { type, ...told, lastHeartbeatTime: at, lastTransitionTime: at },
  };
}
