// `k0s reset`: observe, plan, execute. Upstream: pkg/cleanup/cleanup.go.

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { InstallationRecord } from "../../config/installation-record.ts";
import type { NodePaths } from "../../product/paths.ts";
import { isRuntimeClaimed } from "../../config/runtime-config.ts";
import { assertAnswering } from "../../os/answering.ts";
import { makeDir, statIfExists } from "../../os/files.ts";
import { tryLock } from "../../os/flock.ts";
import { listMounts } from "../../os/mounts.ts";
import { realPath } from "../../os/real-path.ts";
import { removeEmptyDirectory, removeFile } from "../../os/removal.ts";
import { selfCommand } from "../../os/self.ts";
import { errorMessage, isNotFound, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { noteRecord, proveInstallation } from "../installation.ts";
import { detectInitSystem, thisHost } from "../service/detect.ts";
import { thisServiceHost } from "../service/effects.ts";
import { hasRunPods } from "../older-installation.ts";
import {
  deleteInOrder,
  type FailedStep,
  forbidsDeletion,
  inOrderOfDeletion,
  isDeletion,
} from "./delete-in-order.ts";
import { assertErasable } from "./erasable.ts";
import { executeStep, type ResetEffects } from "./execute.ts";
import { hostToolset, type HostToolset } from "./host-tools.ts";
import type { Observation } from "./observation.ts";
import { hasSignedService } from "./observe-service.ts";
import { kubeletRootDirs, observeHost } from "./observe.ts";
import { planReset, type ResetStep } from "./plan.ts";
import { assertNothingElse, observeRunDirOwner, type RunDirOwner } from "./run-directory.ts";

export interface PreparedReset extends AsyncDisposable {
  readonly record: InstallationRecord | undefined;
  readonly unproven: readonly string[];
  readonly runDirOwner: RunDirOwner;
  readonly seen: Observation;
  readonly steps: readonly ResetStep[];
  readonly tools: HostToolset;
  readonly linked: ReadonlySet<string>;
  readonly lockIsNew: boolean;
}

export interface ResetOptions {
  readonly paths: NodePaths;
  /** The directories as they were named, in which symbolic links may occur. */
  readonly named: readonly string[];
  /** This very directory was named and meant: a record that was cut off does not protect it. */
  readonly evenCutOff?: boolean;
  /** Nothing will be executed: then nothing is changed to look, either. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * Proves that there is an installation of k0s, looks and decides. Refused while k0s runs; until the result is disposed of,
 * no k0s can start.
 */
export async function prepareReset(options: ResetOptions): Promise<PreparedReset> {
  const { paths, named, dryRun, signal } = options;
  const init = await detectInitSystem(await thisHost());
  const serviceIsOurs = await hasSignedService(init, thisServiceHost(signal), paths.dataDir);
  const proof = await proveInstallation(paths, undefined, { ...options, serviceIsOurs });
  const { record: proven, unproven } = proof;
  const roots = kubeletRootDirs(paths, proven);
  await assertAnswering([...roots, ...roots.map((root) => join(root, "pods"))]);
  const record = proven?.ranPods === undefined ? await withPods(proven, paths, roots) : proven;
  const lockIsNew = (await statIfExists(paths.runtimeConfigLock)) === undefined;
  const release = dryRun ? assertStopped(paths) : await keepStopped(paths, lockIsNew);
  try {
    const runDirOwner = await observeRunDirOwner(paths, record !== undefined);
    if (record === undefined) await assertNothingElse(paths, runDirOwner);
    const linked = await linkedDirectories(named);
    const tools = hostToolset(paths.hostToolsDir, signal);
    const seen = await observeHost({
      paths,
      record,
      runDirOwner,
      linked,
      lockIsNew,
      tools,
      unproven,
      measure: true,
    });
    if (!dryRun) await assertErasable(seen.own, await listMounts());
    const steps = planReset(seen);
    const prepared = { record, unproven, runDirOwner, seen, steps, tools, linked, lockIsNew };
    return { ...prepared, [Symbol.asyncDispose]: release };
  } catch (err) {
    await release();
    throw err;
  }
}

/** What shows that pods have run is deleted before the record: noted in it, a reset that is repeated still knows. */
async function withPods(
  record: InstallationRecord | undefined,
  paths: NodePaths,
  roots: readonly string[],
): Promise<InstallationRecord | undefined> {
  if (record === undefined || !(await hasRunPods(paths, roots))) return record;
  return { ...record, ranPods: true };
}

/** Takes the lock that a running k0s has. Gives it back, and takes away what was made for it. */
async function keepStopped(paths: NodePaths, lockIsNew: boolean): Promise<() => Promise<void>> {
  assertStopped(paths);
  const madeRunDir = await makeDir(paths.runDir, { mode: 0o755 });
  const lock = tryLock(paths.runtimeConfigLock, { mode: 0o600 });
  if (lock === undefined) throw stillRunning();
  return async () => {
    if (lockIsNew) await removeFile(paths.runtimeConfigLock);
    lock.release();
    if (madeRunDir) await removeEmptyDirectory(paths.runDir);
  };
}

function assertStopped(paths: NodePaths): () => Promise<void> {
  if (isRuntimeClaimed(paths)) throw stillRunning();
  return () => Promise.resolve();
}

function stillRunning(): UserError {
  return new UserError("another k0s process is still running, please stop k0s before reset", {
    code: "already-running",
    hint: "k0s stop",
  });
}

/** Real paths of the directories that were named by a symbolic link: without them it would lead nowhere. */
async function linkedDirectories(named: readonly string[]): Promise<ReadonlySet<string>> {
  const linked = new Set<string>();
  for (const name of named) {
    try {
      if ((await lstat(name)).isSymbolicLink()) linked.add(realPath(name));
    } catch (err) {
      if (!isNotFound(err)) throw err;
    }
  }
  return linked;
}

/**
 * Executes the plan; before anything is deleted it looks again, and does what came to light meanwhile or did not work
 * the first time. Failed steps are reported and the others go on, but nothing is deleted that is in use, or that tells what
 * the failed ones were about, and the record of the installation stays until nothing is left to do.
 */
export async function executeReset(
  prepared: PreparedReset,
  options: ResetOptions,
  log: Logger,
): Promise<void> {
  const { tools, record } = prepared;
  const effects = { tools, self: selfCommand(), signal: options.signal };
  const perform = (steps: readonly ResetStep[]): Promise<FailedStep[]> => performAll(steps, effects, log);
  const noted = await noteRecord(record);
  if (!noted) log.warn("The disk is full: reset cannot write its record, what proves this k0s goes last");
  await perform(prepared.steps.filter((step) => !isDeletion(step)));
  const seen = await observeHost({ ...options, ...prepared, measure: false });
  const steps = planReset(seen);
  const failed = await perform(steps.filter((step) => !isDeletion(step)));
  const left = failed.some(forbidsDeletion)
    ? failed
    : await deleteInOrder(inOrderOfDeletion(prepared.steps, steps), failed, perform);
  if (left.length === 0) return;
  // There may be room by now, and the repeated reset should know all that this one knew.
  if (!noted) await noteRecord(record);
  const lines = left.map(({ step, err }) => `${step.kind}: ${errorMessage(err)}`);
  throw new UserError(`reset is not complete:\n${lines.join("\n")}`, {
    code: "reset-incomplete",
    hint: "Repair what is named and run k0s reset again.",
  });
}

async function performAll(
  steps: readonly ResetStep[],
  effects: ResetEffects,
  log: Logger,
): Promise<FailedStep[]> {
  const failures: FailedStep[] = [];
  for (const step of steps) {
    effects.signal.throwIfAborted();
    try {
      await executeStep(step, effects);
    } catch (err) {
      effects.signal.throwIfAborted();
      log.debug("Step of reset failed", { step: step.kind, err });
      failures.push({ step, err });
    }
  }
  return failures;
}
