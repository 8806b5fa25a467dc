// The stack of one manifest folder: reads it, applies what is there at once, and deletes what is no longer there only after
// the proof of surplus.ts. What it has applied from which file is in the inventory. docs/adr/0042, docs/manifests.md.

import { join } from "node:path";
import { KubeConnectionError } from "../kube/errors.ts";
import { refOf } from "../kube/types.ts";
import type { GroupVersionKind, KubeObject } from "../kube/types.ts";
import { findWriter } from "../os/file-writers.ts";
import type { FileWriter } from "../os/file-writers.ts";
import type { Claims } from "./claims.ts";
import { isNotedFolder } from "./folder-identity.ts";
import type { Inventory, StackRecord } from "./inventory.ts";
import type { ManifestReader } from "./manifest-file.ts";
import { objectKey } from "./object-key.ts";
import { StackError } from "./stack-failure.ts";
import { readStackFolder } from "./stack-files.ts";
import type { IgnoredFile, StackReading } from "./stack-files.ts";
import { folderOrigin, generatedOrigin } from "./stack-labels.ts";
import type { PassDepth, Snapshot, Stack, StackResult } from "./stack.ts";
import {
  fileOf,
  intendedRecord,
  nextRecord,
  recordedFingerprints,
  recordedKinds,
  withoutRefused,
} from "./stack-record.ts";
import { phaseOf } from "./stack-status.ts";
import type { PassReport } from "./stack-status.ts";
import type { StackEnd } from "./stack-worker.ts";
import { judgeFolder } from "./surplus.ts";
import type { FolderEvidence, GracePeriods } from "./surplus.ts";

export interface FolderStackOptions {
  readonly stack: Stack;
  readonly manifestsDir: string;
  readonly reader: ManifestReader;
  readonly inventory: Inventory;
  readonly claims: Claims;
  readonly grace: GracePeriods;
  /** Objects that k0s has written into the folder itself. */
  readonly generated: () => readonly KubeObject[];
  /** Written by k0s itself. */
  readonly system: boolean;
  /** Told about stacks that want what this one let go. */
  readonly onFreed: (stacks: readonly string[]) => void;
  readonly onIgnored: (files: readonly IgnoredFile[]) => void;
  /** Told why nothing is deleted just now. */
  readonly onWriter: (writer: FileWriter) => void;
  /** Told what each pass came to. */
  readonly onReport: (report: PassReport) => void;
  /** Told when it cannot be noted what is about to be created: it is created all the same. */
  readonly onUnnoted: (err: unknown) => void;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export interface FolderPass {
  readonly depth: PassDepth;
  readonly signal: AbortSignal;
  readonly snapshot?: Snapshot | undefined;
  /** k0s wants everything of the stack gone. */
  readonly removal: boolean;
}

export interface FolderPassResult extends StackResult {
  /** When to look again, in milliseconds, because something is to be deleted then. */
  readonly againMs: number | undefined;
  /** There is no folder, and nothing left that came from it. */
  readonly over: boolean;
  /** Undefined while something is still to be deleted. */
  readonly became: StackEnd | undefined;
}

export interface FolderStack {
  readonly name: string;
  /** Kinds that a pass would look at: those of its manifests, and those of what it has applied. */
  kinds(): Promise<GroupVersionKind[]>;
  isOutdated(snapshot: Snapshot): boolean;
  /** Rejects with a UserError about bad files, or with a StackError. Passes must not overlap. */
  pass(pass: FolderPass): Promise<FolderPassResult>;
}

export function createFolderStack(options: FolderStackOptions): FolderStack {
  const { stack, inventory, claims, now = () => performance.now() } = options;
  const { name } = stack;
  const origin = folderOrigin(inventory.hostId);
  let record: StackRecord | undefined;
  let loaded = false;
  /** What this process creates bears it: a later one knows by it what was created and not noted. */
  const writeId = crypto.randomUUID();
  /** Since when the folder has looked the same. */
  let stable: { readonly digest: string; readonly since: number } | undefined;

  /** Until it has worked once: disk space, or free file descriptors, may only be short for a moment. */
  const loadRecord = async (): Promise<void> => {
    if (loaded) return;
    const found = await inventory.load(name);
    // Looks and passes come in parallel: the one that is late must not undo what a pass has noted since.
    if (!loaded) record = found;
    loaded = true;
  };

  const read = async (): Promise<StackReading> => {
    try {
      const reading = await readStackFolder(options.manifestsDir, name, options.reader);
      claims.setUnknown(name, reading.unfinished);
      if (stable?.digest !== reading.digest) stable = { digest: reading.digest, since: now() };
      return reading;
    } catch (err) {
      claims.setUnknown(name, `stack ${name} cannot be read`);
      stable = undefined;
      throw err;
    }
  };

  /** Right before a deletion: it still looks the same, and nobody is about to write more. */
  const isSettled = async (reading: StackReading): Promise<boolean> => {
    const again = await readStackFolder(options.manifestsDir, name, options.reader);
    if (again.digest !== reading.digest) return false;
    const files = [...new Set(again.objects.map(({ file }) => join(options.manifestsDir, name, file)))];
    const writer = await findWriter(files);
    if (writer !== undefined) options.onWriter(writer);
    return writer === undefined;
  };

  const evidenceOf = (reading: StackReading, removal: boolean): FolderEvidence => {
    const losesAll = reading.objects.length === 0;
    return {
      origin,
      system: options.system,
      removal,
      fileOf: (object) => fileOf(record, object),
      doubtfulFiles: reading.doubtfulFiles,
      doubtfulFolder: losesAll ? doubtOf(reading, record) : undefined,
      losesAll,
      stableForMs: stable === undefined ? 0 : now() - stable.since,
      claimedBy: (key) => claims.otherThan(name, key),
      unknownStack: claims.unknownOtherThan(name),
      grace: options.grace,
    };
  };

  const passOnce = async (pass: FolderPass): Promise<FolderPassResult> => {
    const { depth, signal, snapshot, removal } = pass;
    await loadRecord();
    const reading = await read();
    options.onIgnored(reading.ignored);
    let settled = true;
    const before = record;
    const generated = new Set(options.generated().map((object) => objectKey(refOf(object))));
    const result = await stack.converge({
      desired: removal ? [] : reading.objects,
      depth,
      signal,
      snapshot,
      kinds: recordedKinds(record),
      known: recordedFingerprints(record),
      writeId,
      beforeWrites: async (writes) => {
        record = intendedRecord(record, reading, writes, { id: writeId, now: Date.now() });
        await inventory.save(name, record).catch((err: unknown) => options.onUnnoted(err));
      },
      originOf: (object) => (generated.has(objectKey(refOf(object))) ? generatedOrigin(object) : origin),
      judge: (object) => judgeFolder(object, evidenceOf(reading, removal)),
      onKeys: (keys) => options.onFreed(claims.set(name, keys)),
      takenBy: (key) => claims.takenFrom(name, key),
      unchanged: async () => {
        settled = await isSettled(reading);
        return settled;
      },
    });
    record = nextRecord(withoutRefused(record, before, result.failure), reading, result, Date.now());
    await inventory.save(name, record);
    if (!signal.aborted) options.onReport({ outcome: "done", result, reading });
    if (result.failure !== undefined) throw result.failure;
    const waits = result.steps.flatMap((step) =>
      step.action === "wait" && step.ms !== undefined ? [step.ms] : [],
    );
    if (!settled) waits.push(options.grace.ordinaryMs);
    return {
      ...result,
      againMs: waits.length === 0 ? undefined : Math.min(...waits),
      over: reading.folder.state === "absent" && record === undefined,
      became: settled ? endedAs(result, removal ? 0 : reading.objects.length) : undefined,
    };
  };

  return {
    name,
    isOutdated: (snapshot) => stack.isOutdated(snapshot),
    async kinds() {
      await loadRecord();
      const { objects } = await read();
      return [...objects.map(({ object }) => object), ...recordedKinds(record), ...stack.kinds()];
    },
    async pass(pass) {
      try {
        return await passOnce(pass);
      } catch (err) {
        // What failed steps have come to is reported. How k0s ends, or a server that is away, says nothing of the stack.
        const says = !(
          err instanceof StackError ||
          err instanceof KubeConnectionError ||
          pass.signal.aborted
        );
        if (says) options.onReport({ outcome: "failed", err });
        throw err;
      }
    },
  };
}

function endedAs({ failure, steps }: StackResult, objects: number): StackEnd | undefined {
  const phase = phaseOf(failure, steps, objects);
  if (phase === "Applied") return "applied";
  // Its folder may only be away, as when a disk is not mounted.
  if (steps.some(({ action }) => action === "wait")) return undefined;
  return phase === "Empty" || phase === "Kept" ? "removed" : undefined;
}

/** An empty place is not the folder that was emptied, unless it is the very one in which the objects were seen. */
function doubtOf(reading: StackReading, record: StackRecord | undefined): string | undefined {
  const { folder, parent } = reading;
  if (folder.state === "doubtful") return folder.why;
  if (record === undefined) return undefined;
  const other = "than the one that held its manifest, as when something is not mounted";
  if (!isNotedFolder(parent, record.parent)) return `the directory of all manifests is another one ${other}`;
  if (folder.state === "present" && !isNotedFolder(folder.identity, record.folder))
    return `the folder is another one ${other}`;
  return undefined;
}
