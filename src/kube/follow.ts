// An informer whose client or selection is known only when it begins. It is started again when that failed, or when it
// ended, until it is stopped.

import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import type { Informer } from "./informer.ts";
import type { KubeResource } from "./types.ts";

export interface Following {
  /** Goes on until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Throws when it has not followed for long: made for a component's `health`. */
  health(): void;
}

export interface FollowOptions<T extends KubeResource> {
  /** What is followed, for health and log. */
  readonly name: string;
  readonly log: Logger;
  /** Makes the informer. It runs until `signal` aborts, which may happen before everything ends. */
  readonly informer: (
    signal: AbortSignal,
  ) => Promise<{ readonly informer: Informer<T>; readonly until?: AbortSignal }>;
}

export function follow<T extends KubeResource>(options: FollowOptions<T>): Following {
  let current: Informer<T> | undefined;
  const loop = createLoop({
    name: options.name,
    log: options.log,
    everyMs: 0,
    lasting: true,
    round: async (signal) => {
      const { informer, until } = await options.informer(signal);
      current = informer;
      await informer.run(until === undefined ? signal : AbortSignal.any([signal, until]));
    },
  });
  return {
    run: (signal) => loop.run(signal),
    health() {
      loop.health();
      current?.health();
    },
  };
}
