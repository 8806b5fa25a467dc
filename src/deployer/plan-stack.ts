// Compares a stack as wanted with what the cluster has, and says what to do. Pure.
// Upstream: pkg/applier/stack.go (Stack.Apply). Differences: server-side apply, drift is seen, and an absence alone
// deletes nothing.

import { describeRef, refOf } from "../kube/types.ts";
import type { KubeObject, ObjectRef } from "../kube/types.ts";
import { isCrd, waveOf } from "./apply-order.ts";
import type { Wave } from "./apply-order.ts";
import { objectKey } from "./object-key.ts";
import { fingerprintOf } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { checksumAnnotation, driftAnnotation, originAnnotation, withWriteId } from "./stack-labels.ts";
import type { Verdict } from "./surplus.ts";

/** `adopted`: another controller had applied it from a manifest that says the same. */
type ApplyReason = "missing" | "changed" | "drifted" | "unverified" | "adopted";

export type StackStep =
  | {
      readonly action: "create" | "apply";
      readonly ref: ObjectRef;
      readonly wave: Wave;
      /** Within the wave: lower ones are written before. */
      readonly turn: number;
      readonly reason: ApplyReason;
      readonly object: KubeObject;
    }
  | { readonly action: "wait-crd"; readonly ref: ObjectRef }
  /** It is as it should be. */
  | { readonly action: "skip"; readonly ref: ObjectRef; readonly uid: string | undefined }
  /** Another stack has it. */
  | { readonly action: "leave"; readonly ref: ObjectRef; readonly why: string }
  | { readonly action: "delete"; readonly ref: ObjectRef; readonly uid: string }
  | { readonly action: "keep"; readonly ref: ObjectRef; readonly uid: string; readonly why: string }
  | {
      readonly action: "wait";
      readonly ref: ObjectRef;
      readonly uid: string;
      readonly why: string;
      readonly ms: number | undefined;
    };

export interface StackPlanInput {
  /** By the server's names (canonical-objects.ts), with the marks of the stack (stack-labels.ts). */
  readonly desired: readonly KubeObject[];
  /** False when `desired` is not all that is wanted, or not known by its right name: then nothing is deleted. */
  readonly complete: boolean;
  /** What carries the stack's label in the cluster. */
  readonly observed: readonly ObservedObject[];
  /** What objects looked like right after we applied them last; by `objectKey`. */
  readonly applied: ReadonlyMap<string, string>;
  /**
   * What to do with an object that has the right checksum but was applied before this process began:
   * take it as it is (a quick restart), or apply it again to be sure.
   */
  readonly unverified: "trust" | "apply";
  /** The mark of what is created now; left out for objects made by code. */
  readonly writeId?: string | undefined;
  /** Another stack that has this object: two of them would apply it in turn, without end. */
  readonly takenBy: (key: string) => string | undefined;
  /** For objects of one wave that are not to be written side by side. */
  readonly turnOf?: ((object: KubeObject) => number) | undefined;
  /** What may become of an object without a manifest. */
  readonly judge: (object: ObservedObject) => Verdict;
}

/** Apply steps by wave, then what becomes of the rest. Deletions are to be run only when everything before them succeeded. */
export function planStack(input: StackPlanInput): StackStep[] {
  const desired = new Map(input.desired.map((object) => [objectKey(refOf(object)), object]));
  const observed = new Map(input.observed.map((object) => [objectKey(object.ref), object]));
  const steps = [...desired].flatMap(([key, object]) => stepsFor(key, object, observed.get(key), input));
  steps.sort((a, b) => positionOf(a) - positionOf(b) || turnOf(a) - turnOf(b));
  if (!input.complete) return steps;
  // A kind may be served by several groups: the same object then has several names, but one uid.
  const wantedUids = new Set([...observed].filter(([key]) => desired.has(key)).map(([, { uid }]) => uid));
  const surplus = [...observed]
    .filter(([key, { uid }]) => !desired.has(key) && !wantedUids.has(uid))
    .flatMap(([, object]) => stepsForSurplus(object, input.judge(object)));
  return [...steps, ...surplus.sort(namespacedFirst)];
}

/** One line a step, for logs and dry runs. */
export function formatStep(step: StackStep): string {
  const name = describeRef(step.ref);
  switch (step.action) {
    case "create":
    case "apply":
      return `${step.action} ${name} (${step.reason})`;
    case "keep":
    case "leave":
    case "wait":
      return `${step.action} ${name} (${step.why})`;
    case "wait-crd":
      return `wait for ${name}`;
    default:
      return `${step.action} ${name}`;
  }
}

function stepsFor(
  key: string,
  object: KubeObject,
  current: ObservedObject | undefined,
  input: StackPlanInput,
): StackStep[] {
  const ref = refOf(object);
  const other = input.takenBy(key);
  if (other !== undefined)
    return [{ action: "leave", ref, why: `stack ${other} has it, too, and had it first` }];
  const reason = applyReason(object, current, input.applied.get(key), input.unverified);
  if (reason === undefined) return [{ action: "skip", ref, uid: current?.uid }];
  const step: StackStep = {
    action: reason === "missing" ? "create" : "apply",
    ref,
    wave: waveOf(object),
    turn: input.turnOf?.(object) ?? 0,
    reason,
    object: withWriteId(object, current === undefined ? input.writeId : current.writeId),
  };
  return isCrd(object) ? [step, { action: "wait-crd", ref }] : [step];
}

function applyReason(
  object: KubeObject,
  current: ObservedObject | undefined,
  appliedBefore: string | undefined,
  unverified: "trust" | "apply",
): ApplyReason | undefined {
  if (current === undefined) return "missing";
  const annotations = object.metadata.annotations ?? {};
  if (current.checksum !== annotations[checksumAnnotation]) return "changed";
  // Nobody has written anything new: only whose it is has to be noted.
  if (current.origin !== annotations[originAnnotation]) return "adopted";
  if (current.driftIsFine || annotations[driftAnnotation] === "false") return undefined;
  if (appliedBefore === undefined) return unverified === "apply" ? "unverified" : undefined;
  return appliedBefore === fingerprintOf(current) ? undefined : "drifted";
}

function stepsForSurplus({ ref, uid }: ObservedObject, verdict: Verdict): StackStep[] {
  switch (verdict.verdict) {
    case "ignore":
      return [];
    case "delete":
      return [{ action: "delete", ref, uid }];
    case "keep":
      return [{ action: "keep", ref, uid, why: verdict.why }];
    case "wait":
      return [{ action: "wait", ref, uid, why: verdict.why, ms: verdict.ms }];
  }
}

/** Waits come right after the wave of the definitions. */
function positionOf(step: StackStep): number {
  if ("wave" in step) return step.wave;
  return step.action === "wait-crd" ? 0.5 : -1;
}

function turnOf(step: StackStep): number {
  return "turn" in step ? step.turn : 0;
}

function namespacedFirst(a: StackStep, b: StackStep): number {
  return Number(a.ref.namespace === undefined) - Number(b.ref.namespace === undefined);
}
