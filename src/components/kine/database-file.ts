// The files of a SQLite database: everything that the cluster keeps, its Secrets too, so nobody but kine reads them.

import { isIn } from "../../product/paths.ts";
import { ensureOwnership, statIfExists, writeFileAtomic } from "../../os/files.ts";
import type { UserId } from "../../os/user-id.ts";

/**
 * Makes an empty one, which SQLite takes for a new database and whose mode it gives to the files beside it. One of kine's that
 * an older k0s let everybody read is closed to others; somebody else's keeps its mode.
 */
export async function prepareDatabaseFile(file: string, dataDir: string, owner: UserId): Promise<void> {
  if ((await statIfExists(file)) === undefined) {
    await writeFileAtomic(file, "", { mode: 0o600, ...owner });
    return;
  }
  for (const path of filesOfDatabase(file)) {
    const info = await statIfExists(path);
    if (info?.isFile() !== true || (info.mode & 0o007) === 0) continue;
    const isKines = isIn(file, dataDir) || (owner.uid !== 0 && info.uid === owner.uid);
    if (isKines) await ensureOwnership(path, { mode: info.mode & 0o770 });
  }
}

/** With those that SQLite keeps beside it. */
export function filesOfDatabase(file: string): readonly string[] {
  return [file, `${file}-wal`, `${file}-shm`, `${file}-journal`];
}

/** The SQLite file of a data source that lies elsewhere than k0s' own; undefined for all others. */
export function databaseElsewhere(file: string | undefined, dataDir: string): string | undefined {
  return file === undefined || isIn(file, dataDir) ? undefined : file;
}
