// How the Node object of this host is. Pure.

import { conditionOf, isTrue } from "../../kube/objects/condition.ts";
import type { Node } from "../../kube/objects/node.ts";
import { oneLine, type Problem } from "../problems/problem.ts";

export interface OwnNode {
  readonly name: string;
  /** Undefined when the cluster has none of this name. */
  readonly object: Node | undefined;
  /** Kubelet has reported since this k0s runs; what is said of before may be from before a reboot. */
  readonly reported: boolean;
  /** It was there once while this k0s ran. */
  readonly wasThere: boolean;
}

const pressures = ["DiskPressure", "MemoryPressure", "PIDPressure"];

/** What a person waits for until the node is Ready, in a few words; undefined when it is. */
export function nodeWaitsFor({ object, reported }: OwnNode): string | undefined {
  if (object === undefined) return "kubelet to register the node";
  if (!reported) return "kubelet's first report";
  if (isTrue(object, "Ready")) return undefined;
  const message = conditionOf(object, "Ready")?.message;
  return message === undefined ? "the node" : `the node: ${oneLine(message)}`;
}

export function nodeProblems(node: OwnNode): Problem[] {
  const { name, object, reported, wasThere } = node;
  if (object === undefined) {
    return wasThere
      ? [
          {
            text: `node ${name} was deleted from the cluster`,
            remedy: "kubelet registers it when it starts: restart k0s",
            // kube-proxy ends as long as there is no node.
            endsProcesses: true,
          },
        ]
      : [{ text: `node ${name} is not registered`, remedy: "the log of kubelet says why" }];
  }
  const notReady = isTrue(object, "Ready") ? [] : [notReadyProblem(name, object)];
  if (!reported) return [{ text: `kubelet has not reported about node ${name} since k0s started` }];
  const pressed = pressures
    .filter((type) => isTrue(object, type))
    .map((type) => ({
      text: `node ${name} has ${type}: ${oneLine(conditionOf(object, type)?.message ?? "no reason given")}`,
      remedy: "pods are evicted until there is room",
    }));
  return [...notReady, ...pressed];
}

function notReadyProblem(name: string, object: Node): Problem {
  const ready = conditionOf(object, "Ready");
  const why = ready?.message ?? ready?.reason;
  return { text: `node ${name} is not Ready${why === undefined ? "" : `: ${oneLine(why)}`}` };
}

/**
 * When kubelet reported last, as it wrote it; changes with each report. Undefined before the first.
 */
export function lastReport(object: Node | undefined): string | undefined {
  return object === undefined ? undefined : conditionOf(object, "Ready")?.lastHeartbeatTime;
}

/** Whether a report is of after `start`: both by this host's clock, the report in whole seconds. */
export function isReportedSince(report: string | undefined, start: Date): boolean {
  return report !== undefined && Date.parse(report) + 1_000 > start.getTime();
}
