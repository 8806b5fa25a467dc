// Programs from the file onto the disk, as components, so that a process starts as soon as its own program is there.

import { startStagingBinaries } from "../payload/stage-binaries.ts";
import type { Staging } from "../payload/staging.ts";
import { errorMessage } from "../std/errors.ts";
import { unlessAborted } from "../std/wait.ts";
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

export type StagingFacts = Pick<NodeFacts, "payload" | "paths" | "progress" | "log">;

export interface ProgramGroup extends Dependency {
  readonly programs: readonly string[];
  readonly dependsOn?: readonly Dependency[];
}

export interface StagedProgramsOptions {
  /** Nothing on the way to the API waits for them. */
  readonly later?: boolean;
}

export interface StagedPrograms {
  /** One a group, ready as soon as its programs can be executed. */
  readonly components: readonly Component[];
  /** Before the components are started, while the processor has nothing else to do; else the first of them begins it. */
  begin(signal: AbortSignal): void;
  /** Ends it, if it still goes on. */
  end(): Promise<void>;
}

/** Programs that are unpacked one group after the other. */
export function stagedPrograms(
  { payload, paths, progress, log }: StagingFacts,
  groups: readonly ProgramGroup[],
  { later = false }: StagedProgramsOptions = {},
): StagedPrograms {
  const names = groups.flatMap(({ programs }) => programs);
  const over = new AbortController();
  let staging: Staging | undefined;

  const begun = (abort: AbortSignal): Staging => {
    if (staging !== undefined) return staging;
    const signal = AbortSignal.any([abort, over.signal]);
    const options = { binDir: paths.binDir, names, signal, report: progress, later };
    staging = startStagingBinaries(payload, options);
    void durable(staging, names, (err) => {
      if (!signal.aborted)
        log.error("Unpacking did not end well, the next start does it again", { err: errorMessage(err) });
    });
    return staging;
  };

  // What is on the disk stays there for the next start.
  const end = async (): Promise<void> => {
    over.abort(new Error("unpacking is being stopped"));
    await Promise.allSettled([staging?.done]);
  };

  const components = groups.map(({ name, dependsOn, programs }): Component => ({
    name,
    ...(dependsOn === undefined ? {} : { dependsOn }),
    start: async (signal) => {
      const unpacking = begun(signal);
      // What has begun before ends with another signal: a start that fails elsewhere does not wait for it.
      await unlessAborted(Promise.all(programs.map((program) => unpacking.ready(program))), signal);
    },
    stop: end,
  }));
  return { components, begin: (signal) => void begun(signal), end };
}

/** Resolves when all is on the disk. A start that waits for a program fails by itself; what comes after the last one is told. */
async function durable(
  staging: Staging,
  names: readonly string[],
  tell: (err: unknown) => void,
): Promise<void> {
  const there = await Promise.allSettled(names.map((name) => staging.ready(name)));
  if (there.some(({ status }) => status === "rejected")) return;
  try {
    await staging.done;
  } catch (err) {
    tell(err);
  }
}
