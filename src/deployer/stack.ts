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
import type { Verdict } from "./surplus.ts";

export interface StackOptions {
  readonly client: KubeClient;
  readonly name: string;
  readonly log: Logger;
  readonly budget: Budget;
  /** Takes every field of its objects, always: for objects that are k0s' own. Default: fields of others are respected. */
  readonly force?: boolean;
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
  /** Some steps failed, the others were done. */
  readonly failure: Error | undefined;
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
  const applied = new Map<string, string>();
  const yielded = new Map<string, readonly YieldedField[]>();
  /** What was said about objects whose manifests the schema does not have. */
  const refused = new Map<string, string>();
  const kinds = new Map<string, GroupVersionKind>();
  /** What is kept, waited for or left to others, and for how many looks. */
  let lasting: ReadonlyMap<string, number> = new Map();
  let wroteAt = 0;

  const observe = async (pass: StackPass): Promise<Snapshot> => {
    if (pass.snapshot !== undefined && pass.snapshot.at > wroteAt) return pass.snapshot;
    const { depth, signal } = pass;
    // A look for all stacks at once has swept already; a stack by itself does so only if nobody else does.
    const sweeps = depth === "sweep" && pass.snapshot === undefined;
    const everywhere = sweeps ? await prunableKinds(client, signal) : [];
    const all = [...(pass.kinds ?? []), ...kinds.values(), ...everywhere];
    const at = performance.now();
    return { ...(await observeStacks({ client, kinds: all, stack: name, budget, signal })), at };
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
    for (const { field, manager, subresource } of left) {
      if (before.has(field)) continue;
      const by = subresource === "" ? manager : `${manager} (${subresource})`;
      log.warn("A field of a manifest is left to somebody else who set it", {
        object: describeRef(step.ref),
        field,
        by,
      });
      onNotice(
        `${describeRef(step.ref)}: ${field} is left to ${by}, who set it; change it in the manifest to take it back`,
      );
    }
  };

  /** Says what is kept or waited for, once while it lasts. */
  const sayRest = (steps: readonly StackStep[]): void => {
    const rest = steps.filter(
      (step) => step.action === "keep" || step.action === "wait" || step.action === "leave",
    );
    const now = new Map<string, number>();
    for (const [why, group] of Map.groupBy(rest, (step) => step.why)) {
      const objects = group.map(({ ref }) => describeRef(ref)).sort();
      const text = `${objects.join(", ")}: ${why}`;
      const looks = (lasting.get(text) ?? 0) + 1;
      now.set(text, looks);
      const fields = { objects: listed(objects), why };
      const kept = group.some(({ action }) => action === "keep");
      const left = group.some(({ action }) => action === "leave");
      // An object that moves is in both stacks for a moment, and a file that is written is empty for one.
      if (left && looks === 2) log.warn("Objects are in the manifests of two stacks", fields);
      if (kept && looks === 1) log.warn("Objects without a manifest are kept", fields);
      if (!kept && !left && looks === 1) log.info("Objects without a manifest are not deleted yet", fields);
      // What ends by itself is not told to others.
      const endsByItself = group.every((step) => step.action === "wait" && step.ms !== undefined);
      if (!endsByItself && looks === (kept ? 1 : 2))
        onNotice(`${left ? "not applied" : "not deleted"}: ${listed(objects)}: ${why}`);
    }
    lasting = now;
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
      const files = new Map(desired.map((object, at) => [keyOf(object), pass.desired[at]?.file]));
      for (const { apiVersion, kind } of desired)
        kinds.set(kindKey({ apiVersion, kind }), { apiVersion, kind });
      pass.onKeys?.([...files.keys()]);
      const snapshot = await observe(pass);
      const steps = planStack({
        desired,
        complete: canonical.complete,
        observed: snapshot.objects,
        applied,
        unverified: pass.depth === "quick" ? "trust" : "apply",
        writeId: pass.writeId,
        takenBy: pass.takenBy ?? (() => undefined),
        judge: pass.judge,
      });
      const before = new Map(snapshot.objects.map((object) => [objectKey(object.ref), object]));
      const writes = steps.flatMap((step) => {
        if (step.action !== "create" && step.action !== "apply") return [];
        const key = objectKey(step.ref);
        return [{ ref: step.ref, file: files.get(key), uid: before.get(key)?.uid }];
      });
      if (writes.length > 0) await pass.beforeWrites?.(writes);
      const results = new Map<string, ObservedObject>();
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
        onApplied(step, result) {
          onApplied(step, result);
          results.set(objectKey(step.ref), observedObject(result.object));
        },
        mayDelete: (object) => object.stack === name && pass.judge(object).verdict === "delete",
        unchanged: pass.unchanged ?? (async () => true),
      });
      sayRest(steps);
      const changes = results.size + deleted;
      const said = { changes, objects: desired.length };
      if (changes > 0 && failure === undefined) log.info("Applied a stack", said);
      else if (changes > 0) log.info("A part of a stack was applied, the rest failed", said);
      const present = new Map(before);
      for (const [key, object] of results) present.set(key, object);
      return {
        steps,
        present: [...present].map(([key, object]) => ({ object, file: files.get(key) })),
        unseen: snapshot.unseen,
        failure,
      };
    },
  };
}

function keyOf(object: KubeObject): string {
  return objectKey(refOf(object));
}

const mostListed = 5;

function listed(objects: readonly string[]): string {
  const more = objects.length - mostListed;
  return objects.slice(0, mostListed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
