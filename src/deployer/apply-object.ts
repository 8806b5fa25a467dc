// Writes one object by server-side apply, and takes from others only what it may: see field-conflicts.ts.

import type { KubeClient } from "../kube/client.ts";
import { isKubeError } from "../kube/errors.ts";
import { refOf } from "../kube/types.ts";
import type { KubeObject } from "../kube/types.ts";
import { conflictsOf, stillYielded, yieldedIn } from "./field-conflicts.ts";
import type { ApplyMode, YieldedField } from "./field-conflicts.ts";
import { withoutFields } from "./field-path.ts";
import { fieldManager } from "./stack-labels.ts";

export interface ApplyContext {
  readonly client: KubeClient;
  readonly mode: ApplyMode;
  /** What was left to others when the object was applied last. */
  readonly yielded: readonly YieldedField[];
  readonly signal: AbortSignal;
}

export interface Applied {
  /** The object as the server has it now. */
  readonly object: KubeObject;
  /** What is left to others. */
  readonly yielded: readonly YieldedField[];
  /** The server's refusal of a server-side apply, when the object was written by a merge instead. */
  readonly refusal?: Error;
}

/** Rejects with what the server says when it refuses the object. */
export async function applyObject(wanted: KubeObject, context: ApplyContext): Promise<Applied> {
  const { client, mode, signal } = context;
  try {
    return mode === "force"
      ? { object: await client.apply(wanted, { fieldManager, force: true, signal }), yielded: [] }
      : await applyWithOwners(wanted, context);
  } catch (err) {
    if (!isSchemaRefusal(err)) throw err;
    return { object: await writeByMerge(wanted, context), yielded: [], refusal: err };
  }
}

/** More rounds than this only if others take fields as fast as we look. */
const mostRounds = 4;

async function applyWithOwners(wanted: KubeObject, context: ApplyContext): Promise<Applied> {
  const { client, mode, signal } = context;
  let yielded = mode === "force" ? [] : stillYielded(context.yielded, wanted);
  for (let round = 1; ; round++) {
    const object = withoutFields(
      wanted,
      yielded.map(({ field }) => field),
    );
    try {
      return { object: await client.apply(object, { fieldManager, force: false, signal }), yielded };
    } catch (err) {
      const conflicts = conflictsOf(err);
      if (conflicts.length === 0 || round === mostRounds) throw err;
      const more = yieldedIn(conflicts, { object: wanted, before: context.yielded, mode });
      yielded = [...yielded, ...more];
      if (more.length === conflicts.length) continue;
      // What is left in conflict may be taken back; what may not is not in the object any more.
      const reduced = withoutFields(
        wanted,
        yielded.map(({ field }) => field),
      );
      return { object: await client.apply(reduced, { fieldManager, force: true, signal }), yielded };
    }
  }
}

/**
 * Server-side apply is stricter than what upstream does: it refuses fields that the schema does not have and entries
 * that appear twice in a keyed list. Manifests that worked before must still work, so those are written without it.
 */
async function writeByMerge(object: KubeObject, { client, signal }: ApplyContext): Promise<KubeObject> {
  const ref = refOf(object);
  const current = await client.find(ref, { signal, metadataOnly: true });
  if (current === undefined) return await client.create(object, { fieldManager, signal });
  return await client.patch(ref, "merge", object, { fieldManager, signal });
}

function isSchemaRefusal(err: unknown): err is Error {
  if (isKubeError(err, "Conflict") || !(err instanceof Error)) return false;
  return (
    err.message.includes("field not declared in schema") || err.message.includes("duplicate entries for key")
  );
}
