// What would make the start of a worker fail and a person can put right: asked in one place, before anything is
// changed. What may cure itself, such as a port in use or a controller that does not answer, is waited for instead.

import { assertUnclaimed } from "../../config/runtime-config.ts";
import { assertRunnable, assertWritable } from "../../os/disk-space.ts";
import type { Payload } from "../../payload/payload.ts";
import { bootstrapCredentials } from "../../components/worker-join/bootstrap-source.ts";
import { storedMembership } from "../../components/worker-join/membership.ts";
import { containerdDeclaration } from "../../components/containerd/declaration.ts";
import { factsBeforeSettings } from "../../components/worker-facts.ts";
import { programsOf } from "../../roles/folds/programs.ts";
import { workerRole } from "../../roles/worker.ts";
import { runs } from "../../supervisor/declaration.ts";
import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { assertMayUse } from "../../host/own-directories.ts";
import { unlessAborted } from "../../std/wait.ts";
import { assertRoomForPrograms } from "./room-for-programs.ts";

export interface WorkerStartConditions {
  readonly options: WorkerOptions;
  readonly io: NodeIo;
  readonly name: string;
  readonly payload: Payload;
}

/** Throws a UserError and leaves the host as it was. */
export async function assertWorkerCanStart(conditions: WorkerStartConditions): Promise<void> {
  const { options, io, name, payload } = conditions;
  const { paths, joinToken } = options;
  assertUnclaimed(paths);
  await assertMayUse(paths);
  await assertWritable(paths.dataDir);
  await assertRunnable(paths.dataDir);
  const { state } = await storedMembership(paths, name);
  // Who stops a start that waits for the other end of a pipe must not wait for it, too.
  if (state === "none") await unlessAborted(bootstrapCredentials(paths, joinToken), io.signal);
  const facts = factsBeforeSettings(options);
  const images = runs(containerdDeclaration, facts);
  const programs = programsOf(workerRole, facts);
  await assertRoomForPrograms({ payload, paths, programs, images, signal: io.signal });
}
