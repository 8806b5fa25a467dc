// One stack over time: remembers what it applied, so that later passes cost a list and notice changes by others.

import type { KubeClient } from "../kube/client.ts";
import type { GroupVersionKind, KubeObject, ObjectRef } from "../kube/types.ts";
import { describeRef, refOf } from "../kube/types.ts";
import type { Budget } from "../std/budget.ts";
import type { Logger } from "../std/log.ts";
import { errorMessage } from "../std/errors.ts";
import { canonicalObjects } from "./canonical-objects.ts";
import { definedResources } from "./crd.ts";
import type { YieldedField } from "./field-conflicts.ts";
import { objectKey } from "./object-key.ts";
import { kindKey, observeStacks, prunableKinds } from "./observe-stacks.ts";
import { fingerprintOf, observedObject } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { planStack } from "./plan-stack.ts";
import type { StackStep } from "./plan-stack.ts";
import { runSteps } from "./run-steps.ts";
import type { ApplyStep } from "./run-steps.ts";
import type { Applied } from "./apply-object.ts";
import { markObject } from "./stack-labels.ts";
import type { StackLists } from "./stack-lists.ts";
import { createStackNotices } from "./stack-notices.ts";
import type { TwiceWritten } from "./stack-notices.ts";
import type { Verdict } from "./surplus.ts";

export interface StackOptions {
  readonly client: KubeClient;
  readonly name: string;
  readonly log: Logger;
  readonly budget: Budget;
  /** Takes every field of its objects, always: for objects that are k0s' own. Default: fields of others are respected. */
  readonly force?: boolean;
  /** As in plan-stack.ts. */
  readonly turnOf?: ((object: KubeObject) => number) | undefined;
  /** Looks at the cluster together with other stacks. */
  readonly lists?: StackLists;
  /** Gets what people should know, each text once while it lasts. */
  readonly onNotice?: (message: string) => void;
}

/**
 * `quick`: kinds of this stack, objects with the right checksum are left alone.
 * `verify`: also applies again what this process has not applied itself.
 * `sweep`: like `verify`, and looks for left-overs in every kind of the server.
 */
export type PassDepth = "quick" | "verify" | "sweep";

export interface DesiredObject {
  readonly object: KubeObject;
  /** Where its manifest is; undefined for objects made by code. */
  readonly file?: string;
  readonly line?: number;
}

export interface StackPass {
  readonly desired: readonly DesiredObject[];
  readonly depth: PassDepth;
  readonly signal: AbortSignal;
  /** Where an object, by the server's name for it, comes from: stack-labels.ts. */
  readonly originOf: (object: KubeObject) => string;
  readonly judge: (object: ObservedObject) => Verdict;
  /** The mark of what is created now: see stack-record.ts. */
  readonly writeId?: string;
  /** Awaited before the first write, with all that are to come. */
  readonly beforeWrites?: (writes: readonly PlannedWrite[]) => Promise<void>;
  /** Called with the keys of all wanted objects as soon as they are known. */
  readonly onKeys?: (keys: readonly string[]) => void;
  readonly takenBy?: (key: string) => string | undefined;
  /** Asked before anything is deleted: whether the manifests still look the same. */
  readonly unchanged?: () => Promise<boolean>;
  /** What an earlier process has left as it should be, by `objectKey`: taken at the first pass. */
  readonly known?: ReadonlyMap<string, string>;
  /** Further kinds to look at. */
  readonly kinds?: readonly GroupVersionKind[];
  /** What the cluster has, when somebody has looked already; ignored if this stack has written since. */
  readonly snapshot?: Snapshot | undefined;
}

export interface Snapshot {
  readonly objects: readonly ObservedObject[];
  /** Kinds that could not be looked at. */
  readonly unseen: ReadonlySet<string>;
  /** When the look began, in milliseconds of `performance.now()`. */
  readonly at: number;
}

export interface StackResult {
  readonly steps: readonly StackStep[];
  /** What carries the stack's label now, with the file of its manifest if there is one. */
  readonly present: readonly PresentObject[];
  /** Kinds that could not be looked at. */
  readonly unseen: ReadonlySet<string>;
  /** Some steps failed, the others were done: a StackError, or the end of k0s. */
  readonly failure: Error | undefined;
  /** Objects that were created, changed or deleted. */
  readonly changes: number;
  /** What others had changed or deleted, and is as in its manifest again. */
  readonly repaired: readonly ObjectRef[];
  /** Fields that are left to others. */
  readonly left: readonly LeftField[];
  readonly twice: readonly TwiceWritten[];
  /** What was applied without something that the server does not take. */
  readonly incomplete: readonly string[];
}

export interface LeftField {
  readonly ref: ObjectRef;
  readonly field: YieldedField;
}

/** An object that is about to be created or applied. */
export interface PlannedWrite {
  readonly ref: ObjectRef;
  readonly file: string | undefined;
  /** Undefined when nothing of the stack has this name. */
  readonly uid: string | undefined;
}

export interface PresentObject {
  readonly object: ObservedObject;
  readonly file: string | undefined;
  /** For `known` of a later process; undefined if that one has to apply it again to know how it is. */
  readonly fingerprint?: string | undefined;
}

export interface Stack {
  readonly name: string;
  /** Every kind that the stack has had since the start. */
  kinds(): readonly GroupVersionKind[];
  /** The stack has written since somebody looked. */
  isOutdated(snapshot: Snapshot): boolean;
  /** Plans and runs. Rejects when the cluster cannot be looked at; failed steps are in the result. Passes must not overlap. */
  converge(pass: StackPass): Promise<StackResult>;
}

export function createStack(options: StackOptions): Stack {
  const { client, name, budget, force = false, onNotice = () => undefined } = options;
  const log = options.log.with({ stack: name });
  const notices = createStackNotices(log, onNotice);
  const applied = new Map<string, string>();
  const yielded = new Map<string, readonly YieldedField[]>();
  /** What was said about objects whose manifests the schema does not have. */
  const refused = new Map<string, string>();
  const kinds = new Map<string, GroupVersionKind>();
  let wroteAt = 0;
  let isFirst = true;

  /** What is left to others, or was refused, is told again only by who applies it again. */
  const fingerprintFor = (key: string): string | undefined =>
    (yielded.get(key)?.length ?? 0) > 0 || refused.has(key) ? undefined : applied.get(key);

  const observe = async (pass: StackPass): Promise<Snapshot> => {
    if (pass.snapshot !== undefined && pass.snapshot.at > wroteAt) return pass.snapshot;
    const { depth, signal } = pass;
    // A look for all stacks at once has swept already; a stack by itself does so only if nobody else does.
    const sweeps = depth === "sweep" && pass.snapshot === undefined;
    const everywhere = sweeps ? await prunableKinds(client, signal) : [];
    const all = [...(pass.kinds ?? []), ...kinds.values(), ...everywhere];
    const at = performance.now();
    const list = options.lists?.of(name);
    return { ...(await observeStacks({ client, kinds: all, stack: name, budget, signal, list })), at };
  };

  const onApplied = (step: ApplyStep, { object, yielded: left, refusal }: Applied): void => {
    const key = objectKey(step.ref);
    wroteAt = performance.now();
    // What has only been adopted may have drifted: the next look applies it, since it is not verified.
    if (step.reason === "adopted" && !force) return;
    applied.set(key, fingerprintOf(observedObject(object)));
    if (refusal !== undefined) {
      const reason = errorMessage(refusal);
      log.warn("Server-side apply refuses a manifest, it is merged instead", {
        object: describeRef(step.ref),
        err: reason,
      });
      const text = `${describeRef(step.ref)}: applied without what the server does not take: ${reason}`;
      if (refused.get(key) !== text) onNotice(text);
      refused.set(key, text);
    } else refused.delete(key);
    const before = new Set(yielded.get(key)?.map(({ field }) => field));
    yielded.set(key, left);
    for (const field of left) if (!before.has(field.field)) notices.left(step.ref, field);
  };

  return {
    name,
    kinds: () => [...kinds.values()],
    isOutdated: ({ at }) => at <= wroteAt,
    async converge(pass) {
      const { signal } = pass;
      const manifests = pass.desired.map(({ object }) => object);
      client.discovery.learn(definedResources(manifests));
      const canonical = await canonicalObjects(client.discovery, manifests, signal);
      const desired = canonical.objects.map((object) => markObject(name, object, pass.originOf(object)));
      const places = new Map<string, DesiredObject>();
      const twice: TwiceWritten[] = [];
      desired.forEach((object, at) => {
        const [key, place] = [keyOf(object), pass.desired[at]];
        const [first, last] = [placeText(places.get(key)), placeText(place)];
        if (first !== undefined && last !== undefined) twice.push({ ref: refOf(object), first, last });
        if (place !== undefined) places.set(key, place);
      });
      for (const { apiVersion, kind } of desired)
        kinds.set(kindKey({ apiVersion, kind }), { apiVersion, kind });
      pass.onKeys?.([...places.keys()]);
      if (isFirst) for (const [key, fingerprint] of pass.known ?? []) applied.set(key, fingerprint);
      isFirst = false;
      // What is wanted again later begins as something new.
      for (const key of applied.keys()) if (!places.has(key)) applied.delete(key);
      notices.twice(twice);
      const snapshot = await observe(pass);
      const steps = planStack({
        desired,
        complete: canonical.complete,
        observed: snapshot.objects,
        applied,
        unverified: pass.depth === "quick" ? "trust" : "apply",
        writeId: pass.writeId,
        takenBy: pass.takenBy ?? (() => undefined),
        turnOf: options.turnOf,
        judge: pass.judge,
      });
      const before = new Map(snapshot.objects.map((object) => [objectKey(object.ref), object]));
      const writes = steps.flatMap((step) => {
        if (step.action !== "create" && step.action !== "apply") return [];
        const key = objectKey(step.ref);
        return [{ ref: step.ref, file: places.get(key)?.file, uid: before.get(key)?.uid }];
      });
      if (writes.length > 0) await pass.beforeWrites?.(writes);
      const results = new Map<string, ObservedObject>();
      const repaired: ObjectRef[] = [];
      const { deleted, failure } = await runSteps(steps, {
        client,
        log,
        budget,
        signal,
        modeOf: ({ reason }) => {
          if (force) return "force";
          return reason === "missing" || reason === "changed" ? "manifest" : "periodic";
        },
        yieldedBy: (key) => yielded.get(key) ?? [],
        placeOf: (ref) => placeText(places.get(objectKey(ref))),
        onApplied(step, result) {
          const key = objectKey(step.ref);
          const now = observedObject(result.object);
          if (isRepair(step, before.get(key), now, applied.has(key))) repaired.push(step.ref);
          onApplied(step, result);
          results.set(key, now);
        },
        mayDelete: (object) => object.stack === name && pass.judge(object).verdict === "delete",
        unchanged: pass.unchanged ?? (async () => true),
      });
      notices.rest(steps);
      const changes = results.size + deleted;
      const said = { changes, objects: desired.length };
      if (changes > 0 && failure === undefined) log.info("Applied a stack", said);
      else if (changes > 0) log.info("A part of a stack was applied, the rest failed", said);
      const present = new Map(before);
      for (const [key, object] of results) present.set(key, object);
      return {
        steps,
        present: [...present].map(([key, object]) => {
          return { object, file: places.get(key)?.file, fingerprint: fingerprintFor(key) };
        }),
        unseen: snapshot.unseen,
        failure,
        changes,
        repaired,
        left: [...places].flatMap(([key, { object }]) =>
          (yielded.get(key) ?? []).map((field) => ({ ref: refOf(object), field })),
        ),
        twice,
        incomplete: [...refused].flatMap(([key, text]) => (places.has(key) ? [text] : [])),
      };
    },
  };
}

function keyOf(object: KubeObject): string {
  return objectKey(refOf(object));
}

/** `a.yaml:12` */
function placeText(place: DesiredObject | undefined): string | undefined {
  if (place?.file === undefined) return undefined;
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}

/** It was there as wanted, and was not any more. */
function isRepair(
  { reason }: ApplyStep,
  before: ObservedObject | undefined,
  now: ObservedObject,
  appliedBefore: boolean,
): boolean {
  if (before === undefined) return reason === "missing" && appliedBefore;
  return (reason === "drifted" || reason === "unverified") && before.ownFields !== now.ownFields;
}
