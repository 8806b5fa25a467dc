// What people should know of a stack that is applied: what is kept, waited for or left to others, and what is written twice.
// Each text is said once while it lasts.

import { describeRef } from "../kube/types.ts";
import type { ObjectRef } from "../kube/types.ts";
import type { Logger } from "../std/log.ts";
import type { YieldedField } from "./field-conflicts.ts";
import type { StackStep } from "./plan-stack.ts";
import { namedFirst } from "../std/named-first.ts";

/** An object that two places of a stack's manifests have. */
export interface TwiceWritten {
  readonly ref: ObjectRef;
  readonly first: string;
  /** Which counts. */
  readonly last: string;
}

export interface StackNotices {
  /** What becomes of objects that are not simply applied. */
  rest(steps: readonly StackStep[]): void;
  twice(objects: readonly TwiceWritten[]): void;
  /** A field that was not left to somebody else before. */
  left(ref: ObjectRef, field: YieldedField): void;
}

export function createStackNotices(log: Logger, onNotice: (message: string) => void): StackNotices {
  /** Text → for how many looks. */
  let lasting: ReadonlyMap<string, number> = new Map();
  let saidTwice: ReadonlySet<string> = new Set();
  return {
    rest(steps) {
      const rest = steps.filter(
        (step) => step.action === "keep" || step.action === "wait" || step.action === "leave",
      );
      const now = new Map<string, number>();
      for (const [why, group] of Map.groupBy(rest, (step) => step.why)) {
        const objects = group.map(({ ref }) => describeRef(ref)).sort();
        const text = `${objects.join(", ")}: ${why}`;
        const looks = (lasting.get(text) ?? 0) + 1;
        now.set(text, looks);
        const fields = { objects: namedFirst(objects, mostListed), why };
        const kept = group.some(({ action }) => action === "keep");
        const left = group.some(({ action }) => action === "leave");
        // An object that moves is in both stacks for a moment, and a file that is written is empty for one.
        if (left && looks === 2) log.warn("Objects are in the manifests of two stacks", fields);
        if (kept && looks === 1) log.warn("Objects without a manifest are kept", fields);
        if (!kept && !left && looks === 1) log.info("Objects without a manifest are not deleted yet", fields);
        // What ends by itself is not told to others.
        const endsByItself = group.every((step) => step.action === "wait" && step.ms !== undefined);
        if (!endsByItself && looks === (kept ? 1 : 2))
          onNotice(`${left ? "not applied" : "not deleted"}: ${namedFirst(objects, mostListed)}: ${why}`);
      }
      lasting = now;
    },
    twice(objects) {
      const texts = new Set<string>();
      for (const { ref, first, last } of objects) {
        const object = describeRef(ref);
        const text = twiceText({ ref, first, last });
        texts.add(text);
        if (saidTwice.has(text)) continue;
        log.warn("An object is in the manifests of a stack twice, the last one is applied", {
          object,
          first,
          last,
        });
        onNotice(text);
      }
      saidTwice = texts;
    },
    left(ref, { field, manager, subresource }) {
      const by = ownerText({ manager, subresource });
      log.warn("A field of a manifest is left to somebody else who set it", {
        object: describeRef(ref),
        field,
        by,
      });
      onNotice(
        `${describeRef(ref)}: ${field} is left to ${by}, who set it; change it in the manifest to take it back`,
      );
    },
  };
}

export function twiceText({ ref, first, last }: TwiceWritten): string {
  return `${describeRef(ref)} is in ${first} and again in ${last}: the last one is applied`;
}

/** Who set a field: `kubectl (scale)`. */
export function ownerText({ manager, subresource }: Pick<YieldedField, "manager" | "subresource">): string {
  return subresource === "" ? manager : `${manager} (${subresource})`;
}

const mostListed = 5;
