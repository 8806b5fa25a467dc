// Compares a stack as wanted with what the cluster has, and says what to do. Pure. Upstream: Stack.Apply in
// pkg/applier/stack.go; differences: server-side apply, drift is seen, nothing is pruned that the cluster needs to live.

import { describeRef, refOf } from "../kube/types.ts";
import type { KubeObject, KubeResource, ObjectRef } from "../kube/types.ts";
import { isCrd, waveOf } from "./apply-order.ts";
import type { Wave } from "./apply-order.ts";
import { isUndeletable } from "./protected.ts";
import { checksumAnnotation, markObject } from "./stack-labels.ts";

type ApplyReason = "missing" | "changed" | "drifted" | "unverified";

export type StackStep =
  | {
      readonly action: "create" | "apply";
      readonly ref: ObjectRef;
      readonly wave: Wave;
      readonly reason: ApplyReason;
      readonly object: KubeObject;
    }
  | { readonly action: "wait-crd"; readonly ref: ObjectRef }
  | { readonly action: "skip"; readonly ref: ObjectRef }
  | { readonly action: "delete"; readonly ref: ObjectRef; readonly uid: string }
  | { readonly action: "keep"; readonly ref: ObjectRef; readonly why: string };

export interface StackPlanInput {
  readonly stack: string;
  /** As the server calls them: see canonical-objects.ts. */
  readonly desired: readonly KubeObject[];
  /** False when `desired` is not all that is wanted, or not known by its right name: then nothing is deleted. */
  readonly complete: boolean;
  /** The stack's objects in the cluster; only their metadata is looked at. */
  readonly observed: readonly KubeResource[];
  /** What objects looked like right after we applied them last; by `objectKey`. */
  readonly applied: ReadonlyMap<string, string>;
  /**
   * What to do with an object that has the right checksum but was applied before this process began:
   * take it as it is (a quick restart), or apply it again to be sure.
   */
  readonly unverified: "trust" | "apply";
  /** The stack carries the cluster: nothing of it is deleted once nothing is wanted any more. */
  readonly protectWhenEmpty: boolean;
}

/** Apply steps by wave, then deletions. Deletions are to be run only when everything before them succeeded. */
export function planStack(input: StackPlanInput): StackStep[] {
  const desired = new Map(
    input.desired.map((object) => [objectKey(refOf(object)), markObject(input.stack, object)]),
  );
  const observed = new Map(input.observed.map((object) => [objectKey(refOf(object)), object]));
  const steps: StackStep[] = [];
  for (const [key, object] of desired)
    steps.push(...stepsFor(object, observed.get(key), input.applied.get(key), input.unverified));
  steps.sort((a, b) => positionOf(a) - positionOf(b));
  const protectAll = input.protectWhenEmpty && desired.size === 0;
  if (!input.complete) return steps;
  // A kind may be served by several groups: the same object then has several names, but one uid.
  const wantedUids = new Set(
    [...observed].filter(([key]) => desired.has(key)).map(([, { metadata }]) => metadata.uid),
  );
  const surplus = [...observed]
    .filter(([key, { metadata }]) => !desired.has(key) && !wantedUids.has(metadata.uid))
    .map(([, object]) => object);
  return [
    ...steps,
    ...surplus.flatMap((object) => stepsForSurplus(object, protectAll)).sort(namespacedFirst),
  ];
}

/** Identifies an object over all versions of its API. */
export function objectKey(ref: ObjectRef): string {
  const group = ref.apiVersion.includes("/") ? ref.apiVersion.slice(0, ref.apiVersion.indexOf("/")) : "";
  return `${group}|${ref.kind}|${ref.namespace ?? ""}|${ref.name}`;
}

/**
 * Changes whenever somebody changes what we applied. Kinds with a generation count changes of their specification
 * only; of all others the resourceVersion changes only with their content.
 */
export function fingerprintOf(object: KubeResource): string {
  const { generation, resourceVersion, labels } = object.metadata;
  return JSON.stringify([
    object.metadata.uid,
    generation ?? resourceVersion,
    labels,
    object.metadata.annotations?.[checksumAnnotation],
  ]);
}

/** One line a step, for logs and dry runs. */
export function formatStep(step: StackStep): string {
  const name = describeRef(step.ref);
  switch (step.action) {
    case "create":
    case "apply":
      return `${step.action} ${name} (${step.reason})`;
    case "keep":
      return `keep ${name} (${step.why})`;
    case "wait-crd":
      return `wait for ${name}`;
    default:
      return `${step.action} ${name}`;
  }
}

function stepsFor(
  object: KubeObject,
  current: KubeResource | undefined,
  appliedBefore: string | undefined,
  unverified: "trust" | "apply",
): StackStep[] {
  const ref = refOf(object);
  const reason = applyReason(object, current, appliedBefore, unverified);
  if (reason === undefined) return [{ action: "skip", ref }];
  const step: StackStep = {
    action: reason === "missing" ? "create" : "apply",
    ref,
    wave: waveOf(object),
    reason,
    object,
  };
  return isCrd(object) ? [step, { action: "wait-crd", ref }] : [step];
}

function applyReason(
  object: KubeObject,
  current: KubeResource | undefined,
  appliedBefore: string | undefined,
  unverified: "trust" | "apply",
): ApplyReason | undefined {
  if (current === undefined) return "missing";
  if (
    current.metadata.annotations?.[checksumAnnotation] !== object.metadata.annotations?.[checksumAnnotation]
  )
    return "changed";
  if (appliedBefore === undefined) return unverified === "apply" ? "unverified" : undefined;
  return appliedBefore === fingerprintOf(current) ? undefined : "drifted";
}

function stepsForSurplus(object: KubeResource, protectAll: boolean): StackStep[] {
  const ref = refOf(object);
  const { uid, ownerReferences, deletionTimestamp } = object.metadata;
  // Owned objects go with their owner; their label was only copied from it.
  if (uid === undefined || deletionTimestamp !== undefined || (ownerReferences ?? []).length > 0) return [];
  if (protectAll) return [{ action: "keep", ref, why: "its manifests are gone, but the cluster needs it" }];
  if (isUndeletable(ref)) return [{ action: "keep", ref, why: "a namespace of the system" }];
  return [{ action: "delete", ref, uid }];
}

/** Waits come right after the wave of the definitions. */
function positionOf(step: StackStep): number {
  if ("wave" in step) return step.wave;
  return step.action === "wait-crd" ? 0.5 : -1;
}

function namespacedFirst(a: StackStep, b: StackStep): number {
  return Number(a.ref.namespace === undefined) - Number(b.ref.namespace === undefined);
}
