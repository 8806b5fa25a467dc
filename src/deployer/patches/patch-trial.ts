// Whether the patches of a changed configuration come to something, before a running cluster adopts it: each names an object, and
// the API server takes what it makes of it.

import { isDeepStrictEqual } from "node:util";
import type { KubeClient } from "../../kube/client.ts";
import { describeRef, type KubeObject, refOf } from "../../kube/types.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { applyObject } from "../apply-object.ts";
import { dryRunClient } from "../dry-run-client.ts";
import { refusesObject } from "../stack-failure.ts";
import { isTarget, patchName, type Patches, type PatchList, patchObjects } from "./patch-objects.ts";

/** Code of the UserError about a patch that would change nothing in the cluster. */
export const voidPatch = "patch-without-effect";

export interface PatchTrial {
  /** Of the configuration that runs: what is wrong with these is told of its stack. */
  readonly before: Patches;
  readonly after: PatchList;
  /** As the add-on makes them, without patches. */
  readonly objects: readonly KubeObject[];
  /** What else they may name, and who makes it will see. */
  readonly elsewhere?: readonly KubeObject[];
  readonly client: () => Promise<KubeClient>;
  readonly log: Pick<Logger, "warn">;
}

const hint = "Nothing was changed. Put the patch right in the configuration, or leave it out.";
const patienceMs = 10_000;

/** Rejects with a UserError about those that are new. */
export async function tryPatches({
  before,
  after,
  objects,
  elsewhere = [],
  client,
  log,
}: PatchTrial): Promise<void> {
  const { path, patches } = after;
  const isNew = (patch: Patches[number]): boolean => !before.some((known) => isDeepStrictEqual(known, patch));
  const fresh = patches.flatMap((patch, index) =>
    isNew(patch) ? [{ target: patch.target, name: patchName(path, index, patch) }] : [],
  );
  if (fresh.length === 0) return;
  const idle = fresh.filter(({ target }) =>
    [...objects, ...elsewhere].every((object) => !isTarget(object, target)),
  );
  if (idle.length > 0)
    throw voidPatches(idle.map(({ name }) => `${name} names no object of what it patches`));
  const patched = patchObjects(objects, after);
  const limit = AbortSignal.timeout(patienceMs);
  const refusals = await Promise.all(
    objects.map(async (object, at) => {
      const names = fresh.filter(({ target }) => isTarget(object, target)).map(({ name }) => name);
      const why = names.length === 0 ? undefined : await refusalOf(patched[at] ?? object, client, limit, log);
      return why === undefined ? [] : [`${names.join(", ")}: the API server refuses ${why}`];
    }),
  );
  if (refusals.flat().length > 0) throw voidPatches(refusals.flat());
}

function voidPatches(reasons: readonly string[]): UserError {
  return new UserError(reasons.join("\n"), { code: voidPatch, hint });
}

/** Undefined: it takes it, or could not be asked; then the status of the stack tells. */
async function refusalOf(
  object: KubeObject,
  connect: () => Promise<KubeClient>,
  signal: AbortSignal,
  log: Pick<Logger, "warn">,
): Promise<string | undefined> {
  const name = describeRef(refOf(object));
  try {
    const client = dryRunClient(await connect());
    await applyObject(object, { client, mode: "force", yielded: [], signal });
    return undefined;
  } catch (err) {
    if (refusesObject(err)) return `${name}: ${errorMessage(err)}`;
    log.warn("A patched object could not be tried on the API server", {
      object: name,
      err: errorMessage(err),
    });
    return undefined;
  }
}
