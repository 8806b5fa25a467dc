// What became of the ClusterConfig of the cluster on this controller, kept for those who ask, told to those who wait for it.

import type { ConfigPlan } from "../../supervisor/config-plan.ts";
import { unlessAborted } from "../../std/wait.ts";
import type { ClusterConfigObject } from "./object.ts";

/** What was done with it, or why it is not adopted. */
export type Outcome = { readonly plan: ConfigPlan } | { readonly err: Error };

export interface ObjectOutcomes {
  /** Of this generation of the object. */
  of(object: ClusterConfigObject): Outcome | undefined;
  /** Of this one, or of a later one. */
  since(object: ClusterConfigObject): Outcome | undefined;
  /** A look at it is over. */
  note(object: ClusterConfigObject, outcome: Outcome): void;
  /** A look at it has failed, and is tried again: those who wait are told, and no outcome is kept. */
  fail(err: Error): void;
  /** What the next look at this generation, or at a later one, comes to. */
  next(object: ClusterConfigObject, signal: AbortSignal): Promise<ConfigPlan>;
}

export function objectOutcomes(): ObjectOutcomes {
  let last: { readonly object: ClusterConfigObject; readonly outcome: Outcome } | undefined;
  const waiting = new Map<PromiseWithResolvers<ConfigPlan>, ClusterConfigObject>();

  const settle = (which: (object: ClusterConfigObject) => boolean, outcome: Outcome): void => {
    for (const [waiter, object] of waiting) {
      if (!which(object)) continue;
      waiting.delete(waiter);
      if ("plan" in outcome) waiter.resolve(outcome.plan);
      else waiter.reject(outcome.err);
    }
  };

  return {
    of: (object) =>
      last !== undefined && generationOf(last.object) === generationOf(object) ? last.outcome : undefined,
    since: (object) => (last !== undefined && isAsNew(last.object, object) ? last.outcome : undefined),
    note(object, outcome) {
      last = { object, outcome };
      settle((wanted) => isAsNew(object, wanted), outcome);
    },
    fail: (err) => settle(() => true, { err }),
    async next(object, signal) {
      const waiter = Promise.withResolvers<ConfigPlan>();
      waiting.set(waiter, object);
      try {
        return await unlessAborted(waiter.promise, signal);
      } finally {
        waiting.delete(waiter);
      }
    },
  };
}

/** Changes with what it says. */
export function generationOf({ metadata }: ClusterConfigObject): string {
  return `${metadata.uid ?? ""} ${numberOf(metadata)}`;
}

/** An object of another uid has taken the place of the wanted one, or had it before: the server's versions tell. */
function isAsNew(object: ClusterConfigObject, wanted: ClusterConfigObject): boolean {
  if (object.metadata.uid !== wanted.metadata.uid)
    return Number(object.metadata.resourceVersion) >= Number(wanted.metadata.resourceVersion);
  return Number(numberOf(object.metadata)) >= Number(numberOf(wanted.metadata));
}

function numberOf({ generation, resourceVersion }: ClusterConfigObject["metadata"]): string {
  return String(generation ?? resourceVersion);
}
