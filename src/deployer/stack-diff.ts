// What a pass over a folder would change, asked of the server without changing anything.

import type { KubeClient } from "../kube/client.ts";
import { isNotFoundError } from "../kube/errors.ts";
import { describeRef, refOf } from "../kube/types.ts";
import type { KubeObject, ObjectRef } from "../kube/types.ts";
import type { Budget } from "../std/budget.ts";
import { errorMessage } from "../std/errors.ts";
import { applyObject } from "./apply-object.ts";
import { canonicalObjects } from "./canonical-objects.ts";
import { definedResources } from "./crd.ts";
import { dryRunClient } from "./dry-run-client.ts";
import { fieldChanges } from "./field-changes.ts";
import type { FieldChange } from "./field-changes.ts";
import type { StackRecord } from "./inventory.ts";
import { createManifestReader } from "./manifest-file.ts";
import { objectKey } from "./object-key.ts";
import { observeStacks } from "./observe-stacks.ts";
import { planStack } from "./plan-stack.ts";
import type { StackStep } from "./plan-stack.ts";
import { readStackFolder } from "./stack-files.ts";
import type { StackReading } from "./stack-files.ts";
import { markObject } from "./stack-labels.ts";
import { ownerText } from "./stack-notices.ts";
import { fileOf, recordedKinds } from "./stack-record.ts";
import type { StackStatus } from "./stack-status.ts";
import { judgeFolder } from "./surplus.ts";
import type { GracePeriods } from "./surplus.ts";

export interface DiffOptions {
  readonly client: KubeClient;
  readonly manifestsDir: string;
  readonly stack: string;
  readonly system: boolean;
  /** What this controller has noted of the stack. */
  readonly record: StackRecord | undefined;
  /** What the leader has written about it. */
  readonly status: StackStatus | undefined;
  readonly grace: GracePeriods;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/** `refused`: the server does not take it, or does not know its kind. `later`: what it needs is created before it. */
type DiffAction = "create" | "change" | "same" | "delete" | "keep" | "refused" | "later";

export interface ObjectDiff {
  readonly action: DiffAction;
  readonly ref: ObjectRef;
  /** `a.yaml:12` */
  readonly place?: string;
  /** Why it is kept, refused, deleted later. */
  readonly why?: string;
  readonly changes?: readonly FieldChange[];
  /** Fields that would be left to who set them. */
  readonly left?: readonly { readonly field: string; readonly by: string }[];
}

/** Rejects with BadManifests, or when the cluster cannot be looked at. */
export async function diffStack(options: DiffOptions): Promise<ObjectDiff[]> {
  const { client, stack, budget, record, signal } = options;
  const reading = await readStackFolder(options.manifestsDir, stack, createManifestReader());
  const manifests = reading.objects.map(({ object }) => object);
  client.discovery.learn(definedResources(manifests));
  const { objects, complete } = await canonicalObjects(client.discovery, manifests, signal);
  const kinds = [...objects, ...recordedKinds(record)];
  const observed = await observeStacks({ client, stack, budget, signal, kinds });
  const origins = new Map(observed.objects.map(({ ref, origin }) => [objectKey(ref), origin]));
  const places = new Map<string, string>();
  // Which controller applies it makes no difference here.
  const desired = objects.map((object, at) => {
    const key = objectKey(refOf(object));
    const placed = reading.objects[at];
    if (placed !== undefined) places.set(key, `${placed.file}:${placed.line}`);
    return markObject(stack, object, origins.get(key) ?? "diff");
  });
  const steps = planStack({
    desired,
    complete,
    observed: observed.objects,
    applied: new Map(),
    unverified: "apply",
    takenBy: () => undefined,
    judge: (object) => judgeFolder(object, evidenceOf(options, reading, object.origin ?? "")),
  });
  const needed = new Set(desired.map((object) => objectKey(refOf(object))));
  const diffs = await Promise.all(
    steps.map((step) => budget.run(() => diffOf(step, { ...options, places, needed }))),
  );
  return diffs.flat();
}

interface StepContext extends DiffOptions {
  readonly places: ReadonlyMap<string, string>;
  readonly needed: ReadonlySet<string>;
}

async function diffOf(step: StackStep, context: StepContext): Promise<ObjectDiff[]> {
  const { ref } = step;
  const place = context.places.get(objectKey(ref));
  const at = place === undefined ? {} : { place };
  const known = whyKept(context.status, ref);
  const keeps = step.action === "wait" && step.ms === undefined;
  switch (step.action) {
    case "create":
    case "apply":
      // It is in the manifests again, or another stack has it.
      if (known?.startsWith("stack ") === true) return [{ action: "keep", ref, ...at, why: known }];
      return [{ ref, ...at, ...(await tryApply(step, context)) }];
    case "delete":
      return [{ action: "delete", ref }];
    case "keep":
    case "leave":
      return [{ action: "keep", ref, ...at, why: step.why }];
    case "wait":
      // The leader knows better what stays than this host's record.
      return [{ action: keeps || known !== undefined ? "keep" : "delete", ref, why: known ?? step.why }];
    case "skip":
      return [{ action: "same", ref, ...at }];
    case "wait-crd":
      return [];
  }
}

async function tryApply(
  step: Extract<StackStep, { action: "create" | "apply" }>,
  { client, signal, needed }: StepContext,
): Promise<Omit<ObjectDiff, "ref" | "place">> {
  const { ref, object, reason } = step;
  const mode = reason === "missing" || reason === "changed" ? "manifest" : "periodic";
  let before: KubeObject | undefined;
  try {
    before = await client.find(ref, { signal });
    const {
      object: after,
      yielded,
      refusal,
    } = await applyObject(object, {
      client: dryRunClient(client),
      mode,
      yielded: [],
      signal,
    });
    const changes = before === undefined ? [] : fieldChanges(before, after);
    const action = before === undefined ? "create" : changes.length === 0 ? "same" : "change";
    return {
      action,
      changes,
      ...(yielded.length === 0
        ? {}
        : { left: yielded.map((field) => ({ field: field.field, by: ownerText(field) })) }),
      ...(refusal === undefined ? {} : { why: `without what the server does not take: ${refusal.message}` }),
    };
  } catch (err) {
    signal.throwIfAborted();
    // Neither its namespace nor its kind can be made for a moment to try it.
    if (before === undefined && isNotFoundError(err) && comesWith(ref, needed))
      return { action: "later", why: "it is created after what it needs, which is in the same stack" };
    return { action: "refused", why: errorMessage(err) };
  }
}

/** The stack has the namespace of an object, or definitions. */
function comesWith({ namespace }: ObjectRef, needed: ReadonlySet<string>): boolean {
  if (namespace !== undefined && needed.has(`|Namespace||${namespace}`)) return true;
  return [...needed].some((key) => key.startsWith("apiextensions.k8s.io|"));
}

function evidenceOf({ record, system, grace }: DiffOptions, reading: StackReading, origin: string) {
  return {
    origin,
    system,
    removal: false,
    fileOf: (object: Parameters<typeof fileOf>[1]) => fileOf(record, object),
    doubtfulFiles: reading.doubtfulFiles,
    doubtfulFolder: undefined,
    losesAll: reading.objects.length === 0,
    stableForMs: 0,
    claimedBy: () => undefined,
    unknownStack: undefined,
    grace,
  };
}

function whyKept(status: StackStatus | undefined, ref: ObjectRef): string | undefined {
  return status?.kept.find(({ objects }) => objects.includes(describeRef(ref)))?.why;
}
