// What is wrong with a stack, or left to its user, also shows in `kubectl get events -n kube-system`.

import type { KubeClient } from "../kube/client.ts";
import { describeRef } from "../kube/types.ts";
import { writeEvent } from "../kube/objects/event.ts";
import type { Logger } from "../std/log.ts";
import { waitsForKinds } from "./stack-failure.ts";
import type { PassReport } from "./stack-status.ts";
import type { StackEnd } from "./stack-worker.ts";
import { namedFirst } from "../std/named-first.ts";

/**
 * `StackWaiting`: kinds are not defined yet. `StackNotice`: it is applied, but not all is as its manifests have it.
 * `StackRepaired`: what others had changed is set right. `StackApplied`: it is applied after it had failed. `StackRemoved`: its
 * manifests are gone after it had failed, and so is what was to be deleted.
 */
export type StackReason = (typeof warnings)[number] | (typeof news)[number];

const warnings = ["StackFailed", "StackWaiting", "StackNotice"] as const;
const news = ["StackRepaired", "StackApplied", "StackRemoved"] as const;

export interface StackReport {
  readonly stack: string;
  readonly reason: StackReason;
  readonly message: string;
}

/** Holds the name of the stack. Not the label of the stack's own objects: an event is none of them. */
export const stackEventLabel = "k0s.k0sproject.io/about-stack";

/** Never rejects: the log has the same text. */
export async function reportStack(
  client: KubeClient,
  { stack, reason, message }: StackReport,
  log: Logger,
): Promise<void> {
  await writeEvent(
    { client: async () => client, log, retries: 0 },
    {
      metadata: {
        namespace: "kube-system",
        name: `k0s-stack-${stack}.${crypto.randomUUID().slice(0, 8)}`.toLowerCase(),
        labels: { [stackEventLabel]: stack },
      },
      involvedObject: {
        apiVersion: "k0s.k0sproject.io/v1beta1",
        kind: "ClusterConfig",
        name: "k0s",
        namespace: "kube-system",
      },
      reason,
      message: `Stack ${stack}: ${message}`,
      type: warnings.some((one) => one === reason) ? "Warning" : "Normal",
      source: { component: "k0s" },
    },
  );
}

/** What became of a stack after `trouble`. */
export function endOf(became: StackEnd, trouble: unknown): Pick<StackReport, "reason" | "message"> {
  const before = waitsForKinds(trouble) ? "it had waited for kinds" : "it had failed";
  return became === "applied"
    ? { reason: "StackApplied", message: `it is applied now, after ${before}` }
    : {
        reason: "StackRemoved",
        message: `its manifests are gone, after ${before}, and so is what was to be deleted`,
      };
}

const repeatMs = 60 * 60_000;
const mostNamed = 5;

export interface RepairReports {
  /** What to say of the repairs of a pass; the same is not said again for an hour, as when two write a field in turn. */
  textOf(stack: string, report: PassReport): string | undefined;
}

export function createRepairReports(now: () => number = () => performance.now()): RepairReports {
  const said = new Map<string, number>();
  return {
    textOf(stack, report) {
      if (report.outcome !== "done" || report.result.repaired.length === 0) return undefined;
      const objects = report.result.repaired.map(describeRef).sort();
      const state =
        objects.length === 1 ? "it is as in its manifest again" : "they are as in their manifests again";
      const text = `others had changed or deleted ${namedFirst(objects, mostNamed)}: ${state}`;
      for (const [known, at] of said) if (now() - at >= repeatMs) said.delete(known);
      const key = `${stack}: ${text}`;
      if (said.has(key)) return undefined;
      said.set(key, now());
      return text;
    },
  };
}
