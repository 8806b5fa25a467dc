// What this controller has applied from which file of which folder, kept over restarts in the data directory: the proof
// without which nothing of a folder is deleted. A lost record deletes nothing; it is filled again by what is applied.

import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { ObjectRef } from "../kube/types.ts";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../os/files.ts";
import { removeFile } from "../os/removal.ts";
import type { Logger } from "../std/log.ts";
import { parsedJson } from "../std/json.ts";

const recordedObjectSchema = z.object({
  file: z.string(),
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  fingerprint: z.string().optional(),
});

const recordSchema = z.object({
  /** Under what the fingerprints were made: applied-under.ts. */
  under: z.string().optional(),
  /** The folder in which the objects were seen, and the directory that holds it: folder-identity.ts. */
  folder: z.string(),
  parent: z.string(),
  objects: z.record(z.string(), recordedObjectSchema),
  intents: z
    .record(z.string(), recordedObjectSchema.extend({ ids: z.array(z.string()), at: z.number() }))
    .optional(),
});

export interface RecordedObject extends ObjectRef {
  /** Its name within the folder. */
  readonly file: string;
  /** How it looked when it was applied last, if it was applied as a whole: the next start need not do that again. */
  readonly fingerprint?: string | undefined;
}

/** An object that is created just now, or was when k0s ended: nothing is known of its uid. */
export interface Intent extends RecordedObject {
  /** What the object bears if one of these writes has created it. */
  readonly ids: readonly string[];
  /** When it was noted, in milliseconds since 1970. */
  readonly at: number;
}

export interface StackRecord {
  readonly folder: string;
  readonly parent: string;
  /** By uid. */
  readonly objects: Readonly<Record<string, RecordedObject>>;
  /** By `objectKey`. */
  readonly intents?: Readonly<Record<string, Intent>> | undefined;
}

export interface Inventory {
  /** Tells this controller from all others, and stays the same. */
  readonly hostId: string;
  /** The stacks with a record. */
  stacks(): Promise<string[]>;
  load(stack: string): Promise<StackRecord | undefined>;
  /** Writes what differs from what is there; undefined removes the record. */
  save(stack: string, record: StackRecord | undefined): Promise<void>;
}

/** The record of a stack, for those who only look; undefined if there is none, or none that can be read. */
export async function readRecord(directory: string, stack: string): Promise<StackRecord | undefined> {
  const text = await readFileIfExists(join(directory, `${stack}${extension}`));
  return text === undefined ? undefined : parseRecord(text);
}

const idFile = "controller-id";
const extension = ".json";

/**
 * Makes the directory and the controller's identity if they are not there. `machine` is what tells this machine from
 * others: a copy of the directory on another machine is another controller, whose folders say nothing about what this
 * one applied. `under`: fingerprints that were made under something else are left out.
 */
export async function openInventory(
  directory: string,
  machine: string,
  under: string,
  log: Logger,
): Promise<Inventory> {
  await ensureDir(directory, { mode: 0o700 });
  const written = new Map<string, string>();
  const fileOf = (stack: string): string => join(directory, `${stack}${extension}`);
  return {
    hostId: await controllerId(join(directory, idFile), machine),
    async stacks() {
      const names = await readdir(directory);
      return names
        .filter((name) => name.endsWith(extension) && !name.startsWith("."))
        .map((name) => name.slice(0, -extension.length));
    },
    async load(stack) {
      const text = await readFileIfExists(fileOf(stack));
      if (text === undefined) return undefined;
      const record = parseRecord(text);
      if (record === undefined)
        log.warn("The record of an applied stack cannot be read: what left the stack before is kept", {
          stack,
          file: fileOf(stack),
        });
      else written.set(stack, text);
      return record === undefined || record.under === under ? record : withoutFingerprints(record);
    },
    async save(stack, record) {
      if (record === undefined) {
        written.delete(stack);
        return await removeFile(fileOf(stack));
      }
      const text = `${JSON.stringify({ ...record, under })}\n`;
      if (written.get(stack) === text) return;
      await writeFileAtomic(fileOf(stack), text, { mode: 0o600 });
      written.set(stack, text);
    },
  };
}

async function controllerId(path: string, machine: string): Promise<string> {
  let installation = (await readFileIfExists(path))?.trim() ?? "";
  if (installation === "") {
    installation = crypto.randomUUID();
    await writeFileAtomic(path, `${installation}\n`, { mode: 0o600 });
  }
  // Nothing of the machine is kept in the directory, so nothing of it can be copied.
  return createHash("sha256")
    .update(`k0s controller\n${installation}\n${machine}`)
    .digest("hex")
    .slice(0, 32);
}

function withoutFingerprints(record: StackRecord): StackRecord {
  const objects = Object.entries(record.objects).map(
    ([uid, { fingerprint: _fingerprint, ...object }]) => [uid, object] as const,
  );
  return { ...record, objects: Object.fromEntries(objects) };
}

function parseRecord(text: string): z.infer<typeof recordSchema> | undefined {
  return recordSchema.safeParse(parsedJson(text)).data;
}
