// Programs from the file onto the disk, as components, so that a process starts as soon as its own program is there.

import type { Component } from "../../supervisor/component.ts";
import type { ProgressStep } from "../../std/progress.ts";

export interface StagingOptions {
  readonly name: string;
  /** Unpacks what is missing. */
  readonly stage: (signal: AbortSignal) => Promise<void>;
  readonly dependsOn?: readonly string[];
  readonly step?: () => ProgressStep;
}

export function stagingComponent(options: StagingOptions): Component {
  return {
    name: options.name,
    ...(options.dependsOn === undefined ? {} : { dependsOn: options.dependsOn }),
    start: async (signal) => {
      const step = options.step?.();
      try {
        await options.stage(signal);
      } catch (err) {
        step?.fail(err);
        throw err;
      }
      step?.done();
    },
    // What is on the disk stays there for the next start.
    stop: () => Promise.resolve(),
  };
}
