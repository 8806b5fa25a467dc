// Executes the plan of a stack: wave after wave, turn after turn, each in parallel; what fails does not stop the rest; deletions last.

import type { KubeClient } from "../kube/client.ts";
import { isConflict } from "../kube/errors.ts";
import { describeRef } from "../kube/types.ts";
import type { ObjectRef } from "../kube/types.ts";
import type { Budget } from "../std/budget.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { adoptObject, applyObject } from "./apply-object.ts";
import type { Applied } from "./apply-object.ts";
import { isEstablished, waitEstablished } from "./crd.ts";
import type { ApplyMode, YieldedField } from "./field-conflicts.ts";
import { objectKey } from "./object-key.ts";
import { observedObject } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { formatStep } from "./plan-stack.ts";
import type { StackStep } from "./plan-stack.ts";
import { StackError, stepFailure } from "./stack-failure.ts";
import type { StepFailure } from "./stack-failure.ts";

export interface RunStepsOptions {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly modeOf: (step: ApplyStep) => ApplyMode;
  readonly yieldedBy: (key: string) => readonly YieldedField[];
  /** Where its manifest is, for messages. */
  readonly placeOf: (ref: ObjectRef) => string | undefined;
  /** Called after each write. */
  readonly onApplied: (step: ApplyStep, result: Applied) => void;
  /** Asked right before an object is deleted, with how it looks then. */
  readonly mayDelete: (object: ObservedObject) => boolean;
  /** Asked once before the first deletion: whether the manifests still look as they did when the plan was made. */
  readonly unchanged: () => Promise<boolean>;
}

export type ApplyStep = Extract<StackStep, { action: "create" | "apply" }>;
type DeleteStep = Extract<StackStep, { action: "delete" }>;

export interface RunStepsResult {
  readonly deleted: number;
  readonly failure: Error | undefined;
}

/** Never rejects: an abort, too, is a failure after some steps were done, and the caller must know which. */
export async function runSteps(
  steps: readonly StackStep[],
  options: RunStepsOptions,
): Promise<RunStepsResult> {
  const done = { deleted: 0 };
  try {
    await runInOrder(steps, options, done);
    return { ...done, failure: undefined };
  } catch (err) {
    return { ...done, failure: err instanceof Error ? err : new Error(errorMessage(err), { cause: err }) };
  }
}

async function runInOrder(
  steps: readonly StackStep[],
  options: RunStepsOptions,
  done: { deleted: number },
): Promise<void> {
  const { client, log, budget, signal } = options;
  const failures: StepFailure[] = [];
  const attempt = async (step: StackStep, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      log.debug("Step of a stack done", { step: formatStep(step) });
    } catch (err) {
      signal.throwIfAborted();
      failures.push(stepFailure(step.ref, options.placeOf(step.ref), err));
    }
  };
  const inParallel = async <T extends StackStep>(
    items: readonly T[],
    work: (step: T) => Promise<void>,
  ): Promise<void> => {
    await Promise.all(items.map((step) => budget.run(() => attempt(step, () => work(step)))));
  };

  const established = new Set<string>();
  /** Whatever the plan says, a pass does not delete what it has applied or found right. */
  const wantedUids = new Set(steps.flatMap((step) => (step.action === "skip" ? [step.uid] : [])));
  const applies = steps.filter(
    (step): step is ApplyStep => step.action === "create" || step.action === "apply",
  );
  for (const ofTurn of Map.groupBy(applies, ({ wave, turn }) => `${wave} ${turn}`).values()) {
    await inParallel(ofTurn, async (step) => {
      const yielded = options.yieldedBy(objectKey(step.ref));
      const mode = options.modeOf(step);
      const result =
        step.reason === "adopted" && mode !== "force"
          ? { object: await adoptObject(step.object, { client, signal }), yielded }
          : await applyObject(step.object, { client, mode, yielded, signal });
      wantedUids.add(result.object.metadata.uid);
      options.onApplied(step, result);
      if (isEstablished(result.object)) established.add(step.ref.name);
    });
    const waits =
      ofTurn[0]?.wave === 0
        ? steps.filter((step) => step.action === "wait-crd" && !established.has(step.ref.name))
        : [];
    // They only wait: that takes nothing from the budget.
    await Promise.all(waits.map((step) => attempt(step, () => waitEstablished(client, step.ref, signal))));
  }
  if (failures.length > 0) throw new StackError(failures);

  const deletions = steps.filter(
    (step): step is DeleteStep => step.action === "delete" && !wantedUids.has(step.uid),
  );
  if (deletions.length === 0 || !(await options.unchanged())) return;
  for (const namespaced of [true, false]) {
    const ofScope = deletions.filter((step) => (step.ref.namespace !== undefined) === namespaced);
    await inParallel(ofScope, async (step) => {
      if (!(await deleteAsJudged(step.ref, step.uid, options))) return;
      done.deleted += 1;
      log.info("Deleted an object that left its stack", { object: describeRef(step.ref) });
    });
  }
  if (failures.length > 0) throw new StackError(failures);
}

/** More tries only for objects that change all the time. */
const deleteTries = 5;

/**
 * Deletes the object as it was judged and no other: it is looked at again, since the plan may be made from a list of some
 * time ago, and the server refuses if it changes in between. False when it is not to be deleted any more.
 */
async function deleteAsJudged(ref: ObjectRef, uid: string, options: RunStepsOptions): Promise<boolean> {
  const { client, signal, mayDelete } = options;
  for (let tries = 1; ; tries++) {
    const current = await client.find(ref, { metadataOnly: true, signal });
    if (current === undefined) return false;
    const object = observedObject(current);
    if (object.uid !== uid || !mayDelete(object)) return false;
    const { resourceVersion } = object;
    try {
      return await client.delete(ref, { propagation: "Foreground", uid, resourceVersion, signal });
    } catch (err) {
      if (!isConflict(err) || tries === deleteTries) throw err;
    }
  }
}
