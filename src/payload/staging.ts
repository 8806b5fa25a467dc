// Puts parts of the k0s file in place: observe, plan, execute. What is there and current costs a stat for each file.

import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDir } from "../os/files.ts";
import { removeFile } from "../os/removal.ts";
import { silentProgress, type Progress } from "../std/progress.ts";
import type { PayloadPart } from "./index-schema.ts";
import type { Payload } from "./payload.ts";
import { type ObservedPart, planStaging, type StagingStep, type WantedPart } from "./plan-staging.ts";
import { isIntact, readRecords } from "./staged-record.ts";
import { unpack } from "./unpacker.ts";

export interface StagingOptions {
  readonly signal: AbortSignal;
  readonly report?: Progress;
  /** Nobody waits for these parts yet: what others do goes first. */
  readonly later?: boolean;
}

export interface Staging {
  /** Resolves when this part is in place; parts come in the order that they were asked for. */
  ready(part: string): Promise<void>;
  /** Resolves when every part is, those that it began itself for good. */
  readonly done: Promise<void>;
}

/**
 * Starts to put the parts into `dir`, side by side, or as its only content with `own`. Those that are being put there already
 * are waited for: what runs them would else be two files, which share no page of memory.
 */
export function startStaging(
  payload: Payload,
  parts: readonly PayloadPart[],
  target: { readonly dir: string; readonly own: boolean },
  options: StagingOptions,
): Staging {
  const place = (part: PayloadPart): string => join(target.dir, part.name);
  const begun = parts.filter((part) => !payload.underWay.has(place(part)));
  const waiting = new Map(begun.map((part) => [part.name, Promise.withResolvers<void>()]));
  for (const part of begun) {
    const entry = waiting.get(part.name);
    if (entry !== undefined) payload.underWay.set(place(part), entry.promise);
  }
  const ready = new Map(parts.map((part) => [part.name, payload.underWay.get(place(part))]));
  const staged = stage(payload, begun, target, options, (name) => waiting.get(name)?.resolve()).finally(
    () => {
      for (const part of begun) payload.underWay.delete(place(part));
    },
  );
  const settled = staged.then(
    () => waiting.forEach((entry) => entry.resolve()),
    (err: unknown) => waiting.forEach((entry) => entry.reject(err)),
  );
  const done = Promise.all([staged, ...ready.values()]).then(() => undefined);
  // Those who await `ready` or `done` get the error; nobody has to await both.
  for (const promise of [done, settled, ...ready.values()]) promise?.catch(() => undefined);
  return {
    done,
    async ready(part) {
      const promise = ready.get(part);
      if (promise === undefined) throw new Error(`part ${part} is not being staged`);
      await promise;
    },
  };
}

async function stage(
  payload: Payload,
  parts: readonly PayloadPart[],
  target: { readonly dir: string; readonly own: boolean },
  options: StagingOptions,
  ready: (part: string) => void,
): Promise<void> {
  const { report = silentProgress } = options;
  if (parts.length === 0) return;
  const dir = await realDir(target.dir, target.own);
  const wanted = parts.map((part): WantedPart => ({ part, dir, own: target.own }));
  const steps = planStaging(wanted, await observe(payload, dir), payload.index.parts);
  const missing = new Set(steps.flatMap((step) => (step.kind === "unpack" ? [step.part.name] : [])));
  for (const part of parts) if (!missing.has(part.name)) ready(part.name);
  if (steps.length === 0) return;
  const shown = missing.size === 0 ? undefined : report.step(`unpacked ${[...missing].join(", ")}`);
  try {
    await execute(payload, steps, ready, options);
    shown?.done();
  } catch (err) {
    shown?.fail(err);
    throw err;
  }
}

async function observe(payload: Payload, dir: string): Promise<readonly ObservedPart[]> {
  const records = await readRecords(dir);
  const parts = new Map(payload.index.parts.map((part) => [part.name, part]));
  return Promise.all(
    [...records.values()].map(async (record): Promise<ObservedPart> => {
      const part = parts.get(record.part);
      const intact =
        part !== undefined && record.sha256 === part.sha256 && (await isIntact(dir, record, part));
      const paths = record.files.map((file) => file.path);
      return { name: record.part, sha256: record.sha256, dir: record.dir, paths, intact };
    }),
  );
}

async function execute(
  payload: Payload,
  steps: readonly StagingStep[],
  ready: (part: string) => void,
  options: StagingOptions,
): Promise<void> {
  const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const unpacking = steps.flatMap((step) =>
    step.kind === "unpack" ? [{ part: step.part.name, dir: step.dir, own: step.own, ...owner }] : [],
  );
  await unpack(payload, unpacking, { part: ready }, options);
  for (const step of steps) {
    if (step.kind !== "remove") continue;
    for (const path of step.paths) await removeFile(join(step.dir, path));
  }
}

/** Paths are compared and written into executables: they must not change when a link on the way does. */
async function realDir(dir: string, own: boolean): Promise<string> {
  const existing = own ? dirname(dir) : dir;
  await makeDir(existing);
  return own ? join(await realpath(existing), basename(dir)) : realpath(existing);
}
