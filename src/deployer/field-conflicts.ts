// Who else claims a field that a manifest sets, and whether it is taken back or left to them. Pure. docs/adr/0042.

import { KubeError } from "../kube/errors.ts";
import { fieldAt } from "./field-path.ts";
import { fieldManager } from "./stack-labels.ts";

export interface FieldConflict {
  /** e.g. `.spec.replicas` */
  readonly field: string;
  readonly manager: string;
  /** `scale` for autoscalers and `kubectl scale`; empty for the object itself. */
  readonly subresource: string;
}

/** A field that is left to somebody else, and what the manifest said about it then. */
export interface YieldedField extends FieldConflict {
  readonly value: string | undefined;
}

/**
 * `manifest`: somebody has written what is wanted, just now.
 * `periodic`: nobody has asked for anything, k0s looks by itself.
 * `force`: the object is k0s' own and made by code.
 */
export type ApplyMode = "manifest" | "periodic" | "force";

/** The conflicts that a server-side apply was refused for; none when it failed for another reason. */
export function conflictsOf(err: unknown): FieldConflict[] {
  if (!(err instanceof KubeError) || err.status !== 409) return [];
  return (err.details?.causes ?? [])
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .flatMap(({ field, message }) => {
      const match = /^conflict with "([^"]*)"(?: with subresource "([^"]*)")?/.exec(message ?? "");
      return match === null || field === undefined
        ? []
        : [{ field, manager: match[1] ?? "", subresource: match[2] ?? "" }];
    });
}

/** What of `before` is still left to others: the manifest says the same about it as it did then. */
export function stillYielded(before: readonly YieldedField[], object: unknown): YieldedField[] {
  return before.filter(({ field, value }) => textAt(object, field) === value);
}

/** The fields of `conflicts` that are left to their owners; the others are taken back. */
export function yieldedIn(
  conflicts: readonly FieldConflict[],
  context: { readonly object: unknown; readonly before: readonly YieldedField[]; readonly mode: ApplyMode },
): YieldedField[] {
  const { object, before, mode } = context;
  if (mode === "force") return [];
  return conflicts
    .filter((conflict) => !isTool(conflict))
    .filter((conflict) => {
      const known = before.find(({ field }) => field === conflict.field);
      const value = textAt(object, conflict.field);
      // The manifest says something new about this very field: that is what its writer wants.
      if (mode === "manifest" && known !== undefined && known.value !== value) return false;
      return mode === "periodic" || conflict.subresource !== "";
    })
    .map((conflict) => ({ ...conflict, value: textAt(object, conflict.field) }));
}

/**
 * A person at a keyboard (`kubectl edit`, `patch`, `set`, `label`, client-side `apply`), or k0s and its predecessors by
 * another way of writing. `kubectl scale` writes the subresource, and `kubectl apply --server-side` asks before it takes.
 */
function isTool({ manager, subresource }: FieldConflict): boolean {
  if (subresource !== "") return false;
  return manager.startsWith("kubectl-") || manager === fieldManager || manager === "before-first-apply";
}

function textAt(object: unknown, field: string): string | undefined {
  return JSON.stringify(fieldAt(object, field));
}
