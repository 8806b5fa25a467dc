// One component of a group, what the group knows of it, and the status that follows.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { FlapHistory } from "../std/flapping.ts";
import type { Component, ComponentDetails, ComponentState, ComponentStatus } from "./component.ts";
import { tellingLines } from "./readiness.ts";
import { waitingText } from "./waiting.ts";

export interface Member {
  readonly component: Component;
  /** As it was handed last. */
  config?: ClusterConfig;
  starting?: Promise<void>;
  state: ComponentState;
  since: Date;
  lastError?: string;
  /** The first start is over: from now on a process that runs again leads to readiness by recovery. */
  started?: boolean;
  downSince?: Date;
  /** When its process ended by itself though it was ready. */
  readonly ends: FlapHistory;
  /** Ends the wait for readiness after a restart. */
  recovery?: AbortController;
}

/** States in which there is a process that can end or be started again. */
export const aliveStates: ReadonlySet<ComponentState> = new Set([
  "starting",
  "running",
  "ready",
  "unhealthy",
  "backing-off",
]);

/** The longest that a process needs to get ready again, on a host that is not overloaded. */
const recoveryMs = 10_000;

/** `missing` are the components that it waits for, by name; `clock` is the time that `ends` are measured by. */
export function memberStatus(
  member: Member,
  missing: readonly string[],
  now = new Date(),
  clock = performance.now(),
): ComponentStatus {
  const { component, downSince } = member;
  const details = component.inspect?.() ?? {};
  const { pid, lastExit, retryAt } = details;
  const { state, since = member.since, lastError, restartsOften } = judged(member, details, clock);
  const waitingFor = missing.length > 0 ? missing.join(", ") : awaitedReadiness(state, details);
  const notRecovered =
    state === "backing-off" &&
    pid !== undefined &&
    retryAt === undefined &&
    now.getTime() - since.getTime() > recoveryMs;
  const lastOutput =
    state === "ready" ? [] : tellingLines(outputOf(state, restartsOften, details, notRecovered));
  return {
    name: component.name,
    state,
    since,
    restarts: details.restarts ?? 0,
    ...(pid === undefined ? {} : { pid }),
    ...(lastError === undefined ? {} : { lastError }),
    ...(restartsOften === undefined ? {} : { restartsOften }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(downSince === undefined ? {} : { downSince }),
    ...(notRecovered ? { notRecovered } : {}),
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(lastOutput.length === 0 ? {} : { lastOutput }),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

/** For what ends again and again, why it ended: the next process may already be printing. */
function outputOf(
  state: ComponentState,
  restartsOften: string | undefined,
  { lastOutput = [], lastWords }: ComponentDetails,
  notRecovered: boolean,
): readonly string[] {
  const ofTheDead = (state === "backing-off" && !notRecovered) || restartsOften !== undefined;
  return ofTheDead ? (lastWords ?? lastOutput) : lastOutput;
}

/** Being ready for a moment is not being well. */
function judged(
  { state, lastError, ends }: Member,
  { lastExit, complaint, complaintSince }: ComponentDetails,
  now: number,
): Pick<ComponentStatus, "state" | "lastError" | "restartsOften"> & { readonly since?: Date } {
  const restartsOften = state === "ready" ? ends.often(now) : undefined;
  if (state === "ready" && restartsOften === undefined && complaint !== undefined)
    return {
      state: "unhealthy",
      lastError: complaint,
      ...(complaintSince === undefined ? {} : { since: complaintSince }),
    };
  if (restartsOften === undefined) return { state, ...(lastError === undefined ? {} : { lastError }) };
  const how = lastExit === undefined ? "" : ` (${lastExit})`;
  return { state: "unhealthy", restartsOften, lastError: `restarts often: ${restartsOften}${how}` };
}

/** `PostgreSQL at db:5432 (connection refused)`, while something runs that is not ready. */
function awaitedReadiness(state: ComponentState, details: ComponentDetails): string | undefined {
  const coming =
    state === "starting" || state === "running" || (state === "backing-off" && details.pid !== undefined);
  return coming ? waitingText(details) : undefined;
}
