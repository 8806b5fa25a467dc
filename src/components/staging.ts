// Programs from the file onto the disk, as components, so that a process starts as soon as its own program is there.

import { stageBinaries } from "../payload/stage-binaries.ts";
import type { Component, Dependency } from "../supervisor/component.ts";
import type { NodeFacts } from "./node-facts.ts";

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

export interface ProgramsOptions extends Omit<StagingOptions, "stage"> {
  readonly programs: readonly string[];
}

export function stagedPrograms(
  { payload, paths, progress }: Pick<NodeFacts, "payload" | "paths" | "progress">,
  { programs, ...options }: ProgramsOptions,
): Component {
  const stage = (signal: AbortSignal): Promise<void> =>
    stageBinaries(payload, { binDir: paths.binDir, names: programs, signal, report: progress });
  return stagingComponent({ ...options, stage });
}
