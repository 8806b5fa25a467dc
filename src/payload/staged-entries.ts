// Which entries of a directory of programs the launcher's notes speak for, file by file: a note proves what it names, not
// whatever else lies beside it.

import { join, normalize } from "node:path";
import { linkTarget } from "../os/files.ts";
import { realPath } from "../os/real-path.ts";
import { fileMatches, isRecordName, readRecords, type StagedRecord } from "./staged-record.ts";
import { namesIn } from "../os/names-in.ts";

export interface StagedEntries {
  /** The notes are last: they prove the rest. Without what was never finished, which is known by its name. */
  readonly ours: readonly string[];
  readonly others: readonly string[];
}

/** Of `dir`, a real path. Notes about another directory, as in a copy, prove nothing. */
export async function stagedEntries(dir: string): Promise<StagedEntries> {
  const records = [...(await readRecords(dir)).values()].filter((record) => realPath(record.dir) === dir);
  const files = new Map(records.flatMap((record) => record.files.map((file) => [file.path, file])));
  const notes = new Set(records.map(({ part }) => `.part-${part}.json`));
  const programs: string[] = [];
  const proofs: string[] = [];
  const others: string[] = [];
  for (const name of (await namesIn(dir)).toSorted()) {
    if (name.startsWith(".k0s-tmp-")) continue;
    if (notes.has(name)) proofs.push(name);
    else if (!isRecordName(name) && (await isStaged(dir, name, files))) programs.push(name);
    else others.push(name);
  }
  return { ours: [...programs, ...proofs], others };
}

/** A file that is as it was noted, a link to one, or a folder of nothing else. */
async function isStaged(
  dir: string,
  path: string,
  files: ReadonlyMap<string, StagedRecord["files"][number]>,
): Promise<boolean> {
  const file = files.get(path);
  if (file !== undefined && (await fileMatches(join(dir, path), file))) return true;
  const target = await linkTarget(join(dir, path));
  if (target !== undefined) return files.has(normalize(join(path, "..", target)));
  const below = await namesIn(join(dir, path));
  if (below.length === 0) return false;
  return (await Promise.all(below.map((name) => isStaged(dir, join(path, name), files)))).every(Boolean);
}
