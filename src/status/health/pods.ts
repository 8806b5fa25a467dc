// How a system pod of this node is, from its status and from what the container runtime says now. Pure.

import { tellingWord } from "../problems/components.ts";
import { conditionOf, isTrue } from "../../kube/objects/condition.ts";
import type { ContainerStatus, Pod } from "../../kube/objects/pod.ts";
import { oneLine } from "../problems/problem.ts";

export type PodHealth =
  | { readonly kind: "ready" }
  /** Nothing to wait for: it has done its work, or is on its way out. */
  | { readonly kind: "over" }
  /** Not ready, which is fine for a while. */
  | { readonly kind: "coming"; readonly why: string }
  /** It will not get ready by itself. */
  | { readonly kind: "failing"; readonly why: string; readonly of: "program" | "image" | "start" };

/** Reasons for which kubelet waits and that somebody has to do something about. */
const failing: Readonly<Record<string, "program" | "image" | "start">> = {
  CrashLoopBackOff: "program",
  ErrImagePull: "image",
  ImagePullBackOff: "image",
  ErrImageNeverPull: "image",
  InvalidImageName: "image",
  CreateContainerConfigError: "start",
  CreateContainerError: "start",
  RunContainerError: "start",
};

export interface PodWitness {
  /**
   * Ids of the containers that run on this host now; a status may be of before a reboot, when others did. Undefined for a
   * pod elsewhere, or where the runtime does not answer.
   */
  readonly running: ReadonlySet<string> | undefined;
  /** When this k0s started. */
  readonly startedAt: Date;
  readonly now: Date;
}

/** 128 and the number of SIGKILL; for lack of memory kubelet gives another reason. */
const killedCode = 137;

/** A program that has ended in this run may be back for a moment only, between two crashes. */
const relapseMs = 5_000;

export function podHealth(pod: Pod, witness: PodWitness): PodHealth {
  const { phase, initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  if (pod.metadata.deletionTimestamp !== undefined || phase === "Succeeded" || phase === "Failed")
    return { kind: "over" };
  const statuses = [...initContainerStatuses, ...containerStatuses];
  for (const status of statuses) {
    const of = failing[status.state?.waiting?.reason ?? ""];
    if (of !== undefined) return { kind: "failing", of, why: waitingText(status) };
  }
  if (!isTrue(pod, "Ready")) return { kind: "coming", why: comingText(pod, statuses) };
  const { running } = witness;
  if (running !== undefined && !containerStatuses.every((status) => runsNow(status, running)))
    return { kind: "coming", why: "its containers are not started yet" };
  const crashed = containerStatuses.find((status) => crashedSince(status, witness.startedAt));
  if (crashed !== undefined && readyForMs(pod, witness.now) < relapseMs)
    return { kind: "coming", why: `it has just ended once: ${endText(crashed.lastState?.terminated ?? {})}` };
  return { kind: "ready" };
}

/** A container that was begun before has been ended by the stop or the reboot. */
function crashedSince({ lastState }: ContainerStatus, startedAt: Date): boolean {
  return Date.parse(lastState?.terminated?.startedAt ?? "") >= startedAt.getTime();
}

function readyForMs(pod: Pod, now: Date): number {
  const since = Date.parse(conditionOf(pod, "Ready")?.lastTransitionTime ?? "");
  return Number.isNaN(since) ? Number.POSITIVE_INFINITY : now.getTime() - since;
}

function runsNow({ containerID = "" }: ContainerStatus, running: ReadonlySet<string>): boolean {
  return running.has(containerID.replace(/^[^:]*:\/\//, ""));
}

/** `CrashLoopBackOff, 5 restarts: exited with code 1: no such file` */
function waitingText({ state, lastState, restartCount = 0 }: ContainerStatus): string {
  const { reason = "", message } = state?.waiting ?? {};
  const ended = lastState?.terminated;
  const times = restartCount === 0 ? "" : `, ${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`;
  const how = ended === undefined ? message : endText(ended);
  return `${reason}${times}${how === undefined || how === "" ? "" : `: ${oneLine(how)}`}`;
}

function endText({
  exitCode,
  reason,
  message,
}: {
  exitCode?: number;
  reason?: string;
  message?: string;
}): string {
  // What a program said before somebody else ended it is not the reason.
  if (exitCode === killedCode && reason === "Error") return "was killed (SIGKILL)";
  const code = `exited with code ${exitCode ?? "?"}`;
  const why = reason === undefined || reason === "Error" || reason === "Completed" ? "" : ` (${reason})`;
  return `${code}${why}${message === undefined ? "" : `: ${tellingWord(message.split("\n")) ?? ""}`}`;
}

function comingText(pod: Pod, statuses: readonly ContainerStatus[]): string {
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False")
    return `not scheduled: ${oneLine(scheduled.message ?? "no reason given")}`;
  if (pod.spec?.nodeName === undefined) return "not scheduled yet";
  const waiting = statuses.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);
  if (waiting !== undefined) return waiting;
  return statuses.length === 0 ? "not started yet" : "not ready yet";
}
