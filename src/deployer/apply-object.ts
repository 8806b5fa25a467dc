// Writes one object by server-side apply, and takes from others only what it may: see field-conflicts.ts.

import type { KubeClient } from "../kube/client.ts";
import { isConflict } from "../kube/errors.ts";
import { refOf } from "../kube/types.ts";
import type { KubeObject } from "../kube/types.ts";
import { conflictsOf, stillYielded, yieldedIn } from "./field-conflicts.ts";
import type { ApplyMode, YieldedField } from "./field-conflicts.ts";
import { withoutFields } from "./field-path.ts";
import { fieldManager, originAnnotation } from "./stack-labels.ts";

export interface ApplyContext {
  readonly client: Pick<KubeClient, "apply" | "create" | "find" | "patch">;
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
    const current = await client.find(refOf(wanted), { signal, metadataOnly: true });
    // A merge takes the fields that it names from their owner: only when asked to.
    if (current !== undefined && mode === "periodic") return { object: current, yielded: [], refusal: err };
    return { object: await writeByMerge(wanted, current === undefined, context), yielded: [], refusal: err };
  }
}

/** Notes where the object comes from now, and touches nothing else. */
export async function adoptObject(
  wanted: KubeObject,
  { client, signal }: Pick<ApplyContext, "client" | "signal">,
): Promise<KubeObject> {
  const origin = wanted.metadata.annotations?.[originAnnotation];
  const patch = { metadata: { annotations: { [originAnnotation]: origin } } };
  return await client.patch(refOf(wanted), "merge", patch, { fieldManager, signal });
}

/** More rounds than this only if others write as fast as we look. */
const mostRounds = 6;

/**
 * Applies without force first. Only if all that is left in the way may be taken back is it forced, and then on exactly the
 * version of the object whose conflicts were looked at: fields that others take in between are not overwritten.
 */
async function applyWithOwners(wanted: KubeObject, context: ApplyContext): Promise<Applied> {
  const { client, mode, signal } = context;
  let yielded = stillYielded(context.yielded, wanted);
  let resourceVersion: string | undefined;
  const options = (force: boolean) => ({ fieldManager, force, signal });
  for (let round = 1; ; round++) {
    try {
      return {
        object: await client.apply(reduced(wanted, yielded, resourceVersion), options(false)),
        yielded,
      };
    } catch (err) {
      if (!isConflict(err) || round === mostRounds) throw err;
      const conflicts = conflictsOf(err);
      const more = yieldedIn(conflicts, { object: wanted, before: context.yielded, mode });
      yielded = [...yielded, ...more];
      const takeable = conflicts.length > more.length;
      if (takeable && resourceVersion !== undefined) {
        const forced = await unlessChanged(
          client.apply(reduced(wanted, yielded, resourceVersion), options(true)),
        );
        if (forced !== undefined) return { object: forced, yielded };
      }
      if (takeable || conflicts.length === 0) resourceVersion = await versionOf(wanted, context);
    }
  }
}

/** The object without what is left to others, for this version of it only. */
function reduced(
  wanted: KubeObject,
  yielded: readonly YieldedField[],
  resourceVersion: string | undefined,
): KubeObject {
  const object = withoutFields(
    wanted,
    yielded.map(({ field }) => field),
  );
  return resourceVersion === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, resourceVersion } };
}

async function versionOf(wanted: KubeObject, { client, signal }: ApplyContext): Promise<string | undefined> {
  const current = await client.find(refOf(wanted), { metadataOnly: true, signal });
  return current?.metadata.resourceVersion;
}

/** Undefined when the object has changed since. */
async function unlessChanged<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (err) {
    if (isConflict(err)) return undefined;
    throw err;
  }
}

/**
 * Server-side apply is stricter than what upstream does: it refuses fields that the schema does not have and entries
 * that appear twice in a keyed list. Manifests that worked before must still work, so those are written without it.
 */
async function writeByMerge(
  object: KubeObject,
  missing: boolean,
  { client, signal }: ApplyContext,
): Promise<KubeObject> {
  if (missing) return await client.create(object, { fieldManager, signal });
  return await client.patch(refOf(object), "merge", object, { fieldManager, signal });
}

function isSchemaRefusal(err: unknown): err is Error {
  if (isConflict(err) || !(err instanceof Error)) return false;
  return (
    err.message.includes("field not declared in schema") || err.message.includes("duplicate entries for key")
  );
}
