// <data-dir>/installation.json: what a k0s has made on this host and cannot be told from somebody else's by its looks.
// It is the first file of a data directory and the last that `reset` deletes; without it nothing is deleted.
// docs/adr/0043.

import { join } from "node:path";
import * as z from "zod";
import { readFileIfExists, statIfExists, writeFileAtomic } from "../os/files.ts";
import { UserError } from "../std/errors.ts";
import { parsedJson } from "../std/json.ts";

const absolutePath = z.string().startsWith("/");

const recordSchema = z.object({
  kind: z.literal("k0s installation"),
  formatVersion: z.literal(1),
  createdAt: z.iso.datetime(),
  /** The version of k0s that started here first. */
  createdBy: z.string(),
  /** A digest of the machine's id. A restored or cloned directory brings the record of another machine. */
  machine: z.string().optional(),
  /** Real paths. A copy of the directory is recognized by the first one: it names another place. */
  dataDir: absolutePath,
  /** All that were ever used. */
  kubeletRootDirs: z.array(absolutePath),
  /** System users that k0s has made. One that it found is not here. */
  users: z.array(z.object({ name: z.string(), uid: z.number().int().positive(), gid: z.number().int() })),
  /**
   * Paths outside of the data directory that k0s' programs make under fixed names, and that did not exist before the
   * first start: what lies there now is k0s' doing. Those that did exist are somebody else's for ever.
   */
  absentBefore: z.array(absolutePath),
  /** Files of SQLite outside of the data directory that have held the cluster's objects. */
  databases: z.array(absolutePath).optional(),
  /** A node of it has run pods on this machine. Not there: unknown, what lies in its directories tells. */
  ranPods: z.boolean().optional(),
  /** Kernel parameters that k0s or kubelet change, with their values before. */
  sysctlsBefore: z.record(z.string(), z.string()),
});

export type InstallationRecord = z.output<typeof recordSchema>;
export type RecordedUser = InstallationRecord["users"][number];

export const recordFileName = "installation.json";

/** Undefined if there is none. Throws a UserError about one that cannot be understood. */
export async function readInstallationRecord(dataDir: string): Promise<InstallationRecord | undefined> {
  const found = await findInstallationRecord(dataDir);
  if (found !== "cut off") return found;
  throw new UserError(
    `${join(dataDir, recordFileName)} is not k0s' record of this installation: it is empty or ends in the middle, as after a power cut`,
    {
      code: "cut-off-installation-record",
      hint: `Nothing was removed. Start k0s once with --data-dir ${dataDir}: it writes the record anew if the directory can be shown to be k0s', and reset works again. If it cannot start there, \`k0s reset --yes --data-dir ${dataDir}\` goes by the programs and files that a node has left in it, and leaves what outside of it they do not prove. Without those, restore the file from a backup.`,
    },
  );
}

/** As `readInstallationRecord`, but one that a power cut spoilt is an answer: a start can write it again. */
export async function findInstallationRecord(
  dataDir: string,
): Promise<InstallationRecord | "cut off" | undefined> {
  const path = join(dataDir, recordFileName);
  // A path that leads through a file is refused later, in the words of the code that writes there.
  if ((await statIfExists(path)) === undefined) return undefined;
  const text = (await readFileIfExists(path)) ?? "";
  const parsed = recordSchema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  if (isCutOff(text)) return "cut off";
  const issue = parsed.error.issues[0];
  throw new UserError(
    `${path} is not k0s' record of this installation: ${issue?.path.join(".")}: ${issue?.message}`,
    {
      code: "bad-installation-record",
      hint: "Was it written by a newer k0s? Use that one, or restore the file.",
    },
  );
}

/** Not JSON, but the beginning of a record, or nothing; file systems fill with zeros what they had no time to write. */
export function isCutOff(text: string): boolean {
  if (parsedJson(text) !== undefined) return false;
  const squeezed = text.replaceAll(/[\s\0]/g, "");
  return recordBeginning.startsWith(squeezed) || squeezed.startsWith(recordBeginning);
}

const recordBeginning = '{"kind":"k0sinstallation"';

export async function writeInstallationRecord(record: InstallationRecord): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await writeFileAtomic(join(record.dataDir, recordFileName), text, { mode: 0o600 });
}

/** Only the holder of the runtime lock may do this, one call after the other. */
export async function updateInstallationRecord(
  dataDir: string,
  change: (record: InstallationRecord) => InstallationRecord,
): Promise<void> {
  const record = await readInstallationRecord(dataDir);
  if (record === undefined) throw new Error(`${dataDir} has no ${recordFileName}`);
  const next = change(record);
  if (!Bun.deepEquals(record, next)) await writeInstallationRecord(next);
}

/** With the user noted once, under the id that it has now. */
export function withUser(record: InstallationRecord, user: RecordedUser): InstallationRecord {
  return { ...record, users: [...record.users.filter(({ name }) => name !== user.name), user] };
}

/**
 * What of the record counts on this machine: users, files and kernel parameters of another machine do not. A machine
 * without an id, then or now, is taken for the same.
 */
export function believedOn(machine: string | undefined, record: InstallationRecord): InstallationRecord {
  if (machine === undefined || record.machine === undefined || record.machine === machine) return record;
  const { ranPods: _, ...rest } = record;
  return { ...rest, machine, kubeletRootDirs: [], users: [], absentBefore: [], sysctlsBefore: {} };
}
