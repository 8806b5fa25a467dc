// What the record of a stack says before and after a pass. Pure. What exists is noted by its uid. What is created has none
// yet: its name and the id that it will bear are noted before, so that it is known again if k0s ends before the server's
// answer is noted. docs/adr/0071.

import type { GroupVersionKind } from "../kube/types.ts";
import type { Intent, RecordedObject, StackRecord } from "./inventory.ts";
import { objectKey } from "./object-key.ts";
import { kindKey } from "./observe-stacks.ts";
import type { ObservedObject } from "./observed-object.ts";
import { StackError } from "./stack-failure.ts";
import type { StackReading } from "./stack-files.ts";
import type { PlannedWrite, StackResult } from "./stack.ts";

/** A request that was sent before k0s ended may take effect this long after it; a server gives up long before. */
const intentMs = 10 * 60_000;

/** The kinds of all that is in the record. */
export function recordedKinds(record: StackRecord | undefined): GroupVersionKind[] {
  return [...Object.values(record?.objects ?? {}), ...Object.values(record?.intents ?? {})];
}

/** By `objectKey`, how objects looked when this controller applied them last. */
export function recordedFingerprints(record: StackRecord | undefined): ReadonlyMap<string, string> {
  return new Map(
    Object.values(record?.objects ?? {}).flatMap(({ file: _file, fingerprint, ...ref }) =>
      fingerprint === undefined ? [] : [[objectKey(ref), fingerprint] as const],
    ),
  );
}

/** The file from which this controller has applied or created an object. */
export function fileOf(record: StackRecord | undefined, object: ObservedObject): string | undefined {
  return record?.objects[object.uid]?.file ?? intentOf(record, object)?.file;
}

/** The record with what is about to be written from files. */
export function intendedRecord(
  before: StackRecord | undefined,
  { folder, parent }: Pick<StackReading, "folder" | "parent">,
  writes: readonly PlannedWrite[],
  { id, now }: { readonly id: string; readonly now: number },
): StackRecord | undefined {
  if (folder.state !== "present") return before;
  const objects: Record<string, RecordedObject> = { ...before?.objects };
  const intents: Record<string, Intent> = { ...before?.intents };
  for (const { ref, file, uid } of writes) {
    if (file === undefined) continue;
    // Without the mark of this controller on the object this proves nothing, and only a write puts it there.
    if (uid !== undefined) objects[uid] ??= { file, ...ref };
    else intents[objectKey(ref)] = intentFor({ file, ...ref }, intents[objectKey(ref)], id, now);
  }
  return withIntents(
    { folder: before?.folder ?? folder.identity, parent: before?.parent ?? parent, objects },
    intents,
  );
}

/**
 * Without the intentions of this pass that nothing can come of, because the server has refused the request. One that was
 * there before stays: its own request may have had another fate.
 */
export function withoutRefused(
  record: StackRecord | undefined,
  before: StackRecord | undefined,
  failure: Error | undefined,
): StackRecord | undefined {
  if (record?.intents === undefined || !(failure instanceof StackError)) return record;
  const refused = new Set(
    failure.failures.flatMap((failed) => (failed.refused ? [objectKey(failed.ref)] : [])),
  );
  const intents = Object.entries(record.intents).filter(
    ([key]) => !refused.has(key) || before?.intents?.[key] !== undefined,
  );
  const { folder, parent, objects } = record;
  return withIntents({ folder, parent, objects }, Object.fromEntries(intents));
}

/** Adds what is wanted and there, and drops what is not there any more. What was not looked at stays. */
export function nextRecord(
  before: StackRecord | undefined,
  { folder, parent }: Pick<StackReading, "folder" | "parent">,
  { present, unseen }: Pick<StackResult, "present" | "unseen">,
  now: number,
): StackRecord | undefined {
  const objects: Record<string, RecordedObject> = {};
  const there = new Set(present.map(({ object }) => object.uid));
  for (const [uid, object] of Object.entries(before?.objects ?? {}))
    if (there.has(uid) || unseen.has(kindKey(object))) objects[uid] = object;
  let seen = false;
  for (const { object, file, fingerprint } of present) {
    const known = file ?? intentOf(before, object)?.file;
    if (known === undefined) continue;
    seen ||= file !== undefined;
    if (file !== undefined || objects[object.uid] === undefined)
      objects[object.uid] = {
        file: known,
        ...object.ref,
        ...(fingerprint === undefined ? {} : { fingerprint }),
      };
  }
  const noted = new Set(
    present.flatMap(({ object }) => (objects[object.uid] === undefined ? [] : [objectKey(object.ref)])),
  );
  const intents = Object.fromEntries(
    Object.entries(before?.intents ?? {}).filter(
      ([key, intent]) => !noted.has(key) && (!isOld(intent, now) || unseen.has(kindKey(intent))),
    ),
  );
  if (Object.keys(objects).length === 0 && Object.keys(intents).length === 0) return undefined;
  // Only a folder that holds objects is one to recognise later.
  const place = seen && folder.state === "present" ? { folder: folder.identity, parent } : before;
  return place === undefined
    ? undefined
    : withIntents({ folder: place.folder, parent: place.parent, objects }, intents);
}

/** The intent by which an object was created: its name, the mark of that write, and a label that k0s has set. */
function intentOf(record: StackRecord | undefined, object: ObservedObject): Intent | undefined {
  const intent = record?.intents?.[objectKey(object.ref)];
  if (intent === undefined || object.writeId === undefined || !object.labelIsOurs) return undefined;
  return intent.ids.includes(object.writeId) ? intent : undefined;
}

/** Earlier tries may have reached the server as well. */
function intentFor(object: RecordedObject, before: Intent | undefined, id: string, now: number): Intent {
  const ids = [...new Set([...(before?.ids ?? []), id])];
  // Not written again with each try: half the time is left for the last one.
  const recent = before !== undefined && Math.abs(now - before.at) < intentMs / 2;
  return { ...object, ids, at: recent ? before.at : now };
}

/** A clock that was set back makes it old, too. */
function isOld({ at }: Intent, now: number): boolean {
  return Math.abs(now - at) >= intentMs;
}

function withIntents(record: StackRecord, intents: Readonly<Record<string, Intent>>): StackRecord {
  return Object.keys(intents).length === 0 ? record : { ...record, intents };
}
