// What a backup says of itself, for the restore of it.

import * as z from "zod";
import { compareK0sVersions, isK0sVersion, kubernetesMinor } from "../../std/semver-k0s.ts";
import { parsedJson } from "../../std/json.ts";
import { UserError } from "../../std/errors.ts";

const noteSchema = z.object({
  kind: z.literal("k0s backup"),
  formatVersion: z.number(),
  createdAt: z.string(),
  version: z.string(),
  node: z.string(),
  dataDir: z.string(),
  /** What `k0s` was started with. */
  args: z.array(z.string()),
});

export type BackupNote = z.infer<typeof noteSchema>;

const formatVersion = 1;

export function backupNote(facts: Omit<BackupNote, "kind" | "formatVersion">): BackupNote {
  return { kind: "k0s backup", formatVersion, ...facts };
}

/** Undefined for an archive of upstream's k0s, which says nothing. */
export function readBackupNote(text: string | undefined): BackupNote | undefined {
  if (text === undefined) return undefined;
  const parsed = noteSchema.safeParse(parsedJson(text));
  if (parsed.success && parsed.data.formatVersion <= formatVersion) return parsed.data;
  throw new UserError(
    parsed.success
      ? "the archive was made by a newer k0s"
      : "what the archive says of itself cannot be understood",
    { code: "backup-note", hint: "Restore it with the version of k0s that made it." },
  );
}

/** Throws a UserError if objects may be stored in a form that this version's kube-apiserver cannot read. */
export function assertNotNewer(note: BackupNote | undefined, version: string): void {
  if (note === undefined || !isK0sVersion(note.version)) return;
  if (kubernetesMinor(note.version) === kubernetesMinor(version)) return;
  if (compareK0sVersions(note.version, version) <= 0) return;
  throw new UserError(`the backup was made by k0s ${note.version}, this is ${version}`, {
    code: "newer-backup",
    hint: "Kubernetes does not go back by a minor version. Restore it with the version that made it, or a later one.",
  });
}
