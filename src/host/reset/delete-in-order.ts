// The second half of a reset: the order in which things are deleted, and when their proof may go.

import { errno } from "../../std/errors.ts";
import type { ResetStep } from "./plan.ts";

export interface FailedStep {
  readonly step: ResetStep;
  readonly err: unknown;
}

/** What must wait until the second look. */
export function isDeletion({ kind }: ResetStep): boolean {
  return kind === "delete" || kind === "delete-entries" || kind === "remove-if-empty";
}

/**
 * What is in use or mounted must not be deleted; nor may k0s' own directories while anything else is left to do, since they
 * tell what that is: the containers, their network namespaces, the programs that show links and rules. Users are in the
 * record, and without room they cannot be deleted: with the directories gone there is some.
 */
export function forbidsDeletion({ step, err }: FailedStep): boolean {
  return step.kind !== "delete-user" && !["ENOSPC", "EDQUOT"].includes(errno(err) ?? "");
}

/**
 * k0s' own directories come after everything else of a node, so that a reset that was interrupted still finds the rest.
 * Outside of them both plans count: the second may no longer see what only made sense together with what is gone.
 */
export function inOrderOfDeletion(
  first: readonly ResetStep[],
  second: readonly ResetStep[],
): readonly ResetStep[] {
  const both = [...new Map([...first, ...second].map((step) => [JSON.stringify(step), step])).values()];
  const outside = both.filter(({ kind }) => kind === "delete");
  const empty = both.filter(({ kind }) => kind === "remove-if-empty");
  const own = second.filter(({ kind }) => kind === "delete-entries").filter((step) => wasShown(step, first));
  return [...outside, ...empty, ...own, ...empty];
}

/** An operator's disk is emptied only if the plan that was agreed to said so. */
function wasShown(step: ResetStep, plan: readonly ResetStep[]): boolean {
  if (step.kind !== "delete-entries" || step.mount === undefined) return true;
  return plan.some(
    (one) => one.kind === "delete-entries" && one.path === step.path && Bun.deepEquals(one.mount, step.mount),
  );
}

/**
 * Performs the steps. A directory's proof goes when nothing has failed until then; what has failed, also before (`failed`),
 * is tried once more first: on a full disk there is room only now. Returns what is left to do.
 */
export async function deleteInOrder(
  steps: readonly ResetStep[],
  failed: readonly FailedStep[],
  perform: (steps: readonly ResetStep[]) => Promise<readonly FailedStep[]>,
): Promise<readonly FailedStep[]> {
  let left = failed;
  for (const step of steps) {
    const isOutside = step.kind === "delete" || step.kind === "remove-if-empty";
    if (!isOutside && left.some((one) => one.step.kind === "delete" && forbidsDeletion(one))) continue;
    const careful = withoutProof(step);
    left = [...left, ...(await perform([careful]))];
    if (careful === step) continue;
    left = await perform(left.map((one) => one.step));
    if (left.length === 0) left = await perform([step]);
  }
  return left;
}

/** The step itself if it takes no proof away. */
function withoutProof(step: ResetStep): ResetStep {
  if (step.kind !== "delete-entries" || step.proof === undefined) return step;
  const { proof: _, ...rest } = step;
  return { ...rest, keepItself: true };
}
