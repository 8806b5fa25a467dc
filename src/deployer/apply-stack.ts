// Stacks that k0s applies by code instead of by files, such as `bootstraprbac`. Upstream: pkg/applier/stack.go.

import type { KubeClient } from "../kube/client.ts";
import type { GroupVersionKind, KubeObject } from "../kube/types.ts";
import { createBudget } from "../std/budget.ts";
import type { Logger } from "../std/log.ts";
import { retry } from "../std/retry.ts";
import { objectKey } from "./object-key.ts";
import type { ObservedObject } from "./observed-object.ts";
import type { InternalStack } from "./reserved-stacks.ts";
import { createStack } from "./stack.ts";
import { generatedOrigin } from "./stack-labels.ts";
import { judgeInternal, type Verdict } from "./surplus.ts";

export interface ApplyStackOptions {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Tries in all, with growing pauses from 100 ms; upstream has 10. */
  readonly attempts?: number;
}

/** Applies a stack whose objects come from code again and again, e.g. whenever they change. */
export interface CodeStack {
  /** Applies all objects and deletes those of the same kinds that left the stack. Calls must not overlap. */
  apply(objects: readonly KubeObject[], signal: AbortSignal): Promise<void>;
}

/** What was applied, kept over restarts: what still looks like that is not applied again. */
export interface AppliedMemory {
  /** By `objectKey`. */
  readonly known: ReadonlyMap<string, string>;
  note(applied: ReadonlyMap<string, string>): Promise<void>;
}

const parallelRequests = 8;

/**
 * `kinds`: of these it may have objects from before this start, whatever it is to have now. `judge` decides about what is not
 * wanted any more, `turnOf` which objects of one wave are written before others.
 */
export function createCodeStack(
  client: KubeClient,
  name: InternalStack,
  log: Logger,
  kinds: readonly GroupVersionKind[] = [],
  judge: (object: ObservedObject) => Verdict = judgeInternal,
  memory?: AppliedMemory,
  turnOf?: (object: KubeObject) => number,
): CodeStack {
  const budget = createBudget(parallelRequests);
  const stack = createStack({ client, name, log, budget, force: true, turnOf });
  return {
    async apply(objects, signal) {
      const { failure, present } = await stack.converge({
        desired: objects.map((object) => ({ object })),
        depth: "verify",
        kinds,
        signal,
        originOf: generatedOrigin,
        judge,
        ...(memory === undefined ? {} : { known: memory.known }),
      });
      const applied = present.flatMap(({ object, fingerprint }) =>
        fingerprint === undefined ? [] : [[objectKey(object.ref), fingerprint] as const],
      );
      await memory?.note(new Map(applied));
      if (failure !== undefined) throw failure;
    },
  };
}

/** Applies all objects and deletes those of the same kinds that left the stack. */
export async function applyStack(
  client: KubeClient,
  name: InternalStack,
  objects: readonly KubeObject[],
  options: ApplyStackOptions,
): Promise<void> {
  const { signal, log, attempts = 10 } = options;
  const stack = createCodeStack(client, name, log);
  await retry(() => stack.apply(objects, signal), {
    what: `stack ${name}`,
    attempts,
    backoff: { firstMs: 100, longestMs: 5_000 },
    signal,
    log,
  });
}
