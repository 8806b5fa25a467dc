// Executes the plan of a stack: wave after wave, each in parallel; what fails does not stop the rest; deletions last.

import type { KubeClient } from "../kube/client.ts";
import { isKubeError } from "../kube/errors.ts";
import { describeRef } from "../kube/types.ts";
import type { KubeObject } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { isEstablished, waitEstablished } from "./crd.ts";
import { fingerprintOf, formatStep, objectKey } from "./plan-stack.ts";
import type { StackStep } from "./plan-stack.ts";
import { fieldManager } from "./stack-labels.ts";

export interface RunStepsOptions {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Takes down what each object looked like once it was applied. */
  readonly applied: Map<string, string>;
}

/** Some steps failed; the others were done. Running the stack again continues. */
class StackError extends Error {
  override readonly name = "StackError";
  readonly failures: readonly string[];

  constructor(failures: readonly string[]) {
    const more = failures.length > 3 ? ` and ${failures.length - 3} more` : "";
    super(failures.slice(0, 3).join("; ") + more);
    this.failures = failures;
  }
}

type ApplyStep = Extract<StackStep, { action: "create" | "apply" }>;
type DeleteStep = Extract<StackStep, { action: "delete" }>;

const parallelRequests = 8;

export async function runSteps(steps: readonly StackStep[], options: RunStepsOptions): Promise<void> {
  const { client, log, signal } = options;
  const failures: string[] = [];
  const attempt = async (step: StackStep, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      log.debug("Step of a stack done", { step: formatStep(step) });
    } catch (err) {
      signal.throwIfAborted();
      failures.push(`${describeRef(step.ref)}: ${errorMessage(err)}`);
    }
  };

  const established = new Set<string>();
  /** Whatever the plan says: what this pass has applied it does not delete. */
  const appliedUids = new Set<string>();
  const applies = steps.filter(
    (step): step is ApplyStep => step.action === "create" || step.action === "apply",
  );
  for (const wave of new Set(applies.map((step) => step.wave))) {
    const ofWave = applies.filter((step) => step.wave === wave);
    await inParallel(ofWave, (step) =>
      attempt(step, async () => {
        const result = await applyObject(client, step.object, options);
        options.applied.set(objectKey(step.ref), fingerprintOf(result));
        if (result.metadata.uid !== undefined) appliedUids.add(result.metadata.uid);
        if (isEstablished(result)) established.add(step.ref.name);
      }),
    );
    const waits =
      wave === 0 ? steps.filter((step) => step.action === "wait-crd" && !established.has(step.ref.name)) : [];
    await inParallel(waits, (step) => attempt(step, () => waitEstablished(client, step.ref, signal)));
  }
  if (failures.length > 0) throw new StackError(failures);

  const deletions = steps.filter(
    (step): step is DeleteStep => step.action === "delete" && !appliedUids.has(step.uid),
  );
  for (const namespaced of [true, false]) {
    const ofScope = deletions.filter((step) => (step.ref.namespace !== undefined) === namespaced);
    await inParallel(ofScope, (step) =>
      attempt(step, async () => {
        await client.delete(step.ref, { propagation: "Foreground", uid: step.uid, signal });
        options.applied.delete(objectKey(step.ref));
        log.info("Deleted an object that left its stack", { object: describeRef(step.ref) });
      }),
    );
  }
  if (failures.length > 0) throw new StackError(failures);
}

/**
 * Server-side apply is stricter than what upstream does: it refuses fields that the schema does not have and entries
 * that appear twice in a keyed list. Manifests that worked before must still work, so those are written without it.
 */
async function applyObject(
  client: KubeClient,
  object: KubeObject,
  { log, signal }: RunStepsOptions,
): Promise<KubeObject> {
  try {
    return await client.apply(object, { fieldManager, force: true, signal });
  } catch (err) {
    if (!isSchemaRefusal(err)) throw err;
    log.warn("Server-side apply refuses a manifest, it is merged instead", {
      object: `${object.kind} ${object.metadata.name ?? ""}`,
      err: errorMessage(err),
    });
    const ref = { ...object, name: object.metadata.name ?? "", namespace: object.metadata.namespace };
    const current = await client.find(ref, { signal });
    if (current === undefined) return await client.create(object, { fieldManager, signal });
    return await client.patch(ref, "merge", object, { fieldManager, signal });
  }
}

function isSchemaRefusal(err: unknown): boolean {
  if (isKubeError(err, "Conflict") || !(err instanceof Error)) return false;
  return (
    err.message.includes("field not declared in schema") || err.message.includes("duplicate entries for key")
  );
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallelRequests, items.length) }, worker));
}
