// Stacks that k0s applies by code instead of by files, such as `bootstraprbac`. Reference §10.3.

import type { KubeClient } from "../kube/client.ts";
import type { KubeObject } from "../kube/types.ts";
import type { Logger } from "../std/log.ts";
import { retry } from "../std/retry.ts";
import { createStack } from "./stack.ts";

export interface ApplyStackOptions {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Tries in all, with growing pauses from 100 ms; upstream has 10. */
  readonly attempts?: number;
}

/** Applies all objects and deletes those of the same kinds that left the stack. */
export async function applyStack(
  client: KubeClient,
  name: string,
  objects: readonly KubeObject[],
  options: ApplyStackOptions,
): Promise<void> {
  const { signal, log, attempts = 10 } = options;
  const stack = createStack({ client, name, log });
  await retry(() => stack.converge({ desired: objects, depth: "verify", signal }), {
    what: `stack ${name}`,
    attempts,
    backoff: { firstMs: 100, longestMs: 5_000 },
    signal,
    log,
  });
}
