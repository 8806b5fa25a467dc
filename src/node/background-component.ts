// A component that is one task running beside the others until it is stopped.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";

export interface BackgroundOptions {
  readonly name: string;
  readonly dependsOn?: readonly string[];
  readonly log: Logger;
  /** Runs until the signal aborts; a failure is logged, the node goes on. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export function backgroundComponent(options: BackgroundOptions): Component {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    name: options.name,
    ...(options.dependsOn === undefined ? {} : { dependsOn: options.dependsOn }),
    start: async () => {
      running = options.run(stopping.signal).catch((err: unknown) => {
        if (!stopping.signal.aborted) options.log.error("A background task failed", { component: options.name, err: errorMessage(err) });
      });
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
