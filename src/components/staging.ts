// Programs from the file onto the disk, as components, so that a process starts as soon as its own program is there.

import { startStagingBinaries } from "../payload/stage-binaries.ts";
import type { Staging } from "../payload/staging.ts";
import { errorMessage } from "../std/errors.ts";
import type { Component, Dependency } from "../supervisor/component.ts";
import type { NodeFacts } from "./node-facts.ts";

/** Of a controller that runs its datastore: that program, unpacked before all others. */
export const datastoreProgram = { name: "datastore-program" };
/** Of every controller: the programs of its control plane. */
export const controlPlanePrograms = { name: "control-plane-programs" };
/** Of every node with pods: its programs, and the kernel. */
export const workerPrograms = { name: "worker-programs" };

export interface StagingOptions {
  readonly name: string;
  /** Unpacks what is missing. */
  readonly stage: (signal: AbortSignal) => Promise<void>;
  readonly dependsOn?: readonly Dependency[];
}

export function stagingComponent({ name, dependsOn, stage }: StagingOptions): Component {
  return {
    name,
    ...(dependsOn === undefined ? {} : { dependsOn }),
    start: stage,
    // What is on the disk stays there for the next start.
    stop: () => Promise.resolve(),
  };
}

type StagingFacts = Pick<NodeFacts, "payload" | "paths" | "progress" | "log">;

export interface ProgramGroup extends Dependency {
  readonly programs: readonly string[];
  readonly dependsOn?: readonly Dependency[];
}

export interface StagedProgramsOptions {
  /** Nothing on the way to the API waits for them. */
  readonly later?: boolean;
}

/** Programs that are unpacked one group after the other, a component a group: ready as soon as its own can be executed. */
export function stagedPrograms(
  { payload, paths, progress, log }: StagingFacts,
  groups: readonly ProgramGroup[],
  { later = false }: StagedProgramsOptions = {},
): readonly Component[] {
  let staging: Staging | undefined;
  const begin = (signal: AbortSignal): Staging => {
    const names = groups.flatMap(({ programs }) => programs);
    const options = { binDir: paths.binDir, names, signal, report: progress, later };
    const begun = startStagingBinaries(payload, options);
    begun.done.catch((err: unknown) => {
      // A start that waits for a program fails over it. What comes after the last one is only that it outlives a power cut.
      if (!signal.aborted)
        log.error("Unpacking did not end well, the next start does it again", { err: errorMessage(err) });
    });
    return begun;
  };
  return groups.map(({ name, dependsOn, programs }) => ({
    name,
    ...(dependsOn === undefined ? {} : { dependsOn }),
    start: async (signal) => {
      const { ready } = (staging ??= begin(signal));
      await Promise.all(programs.map((program) => ready(program)));
    },
    // The abort of the start has ended it; what is on the disk stays there for the next start.
    stop: async () => void (await Promise.allSettled([staging?.done])),
  }));
}
