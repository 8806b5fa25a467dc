// The files of a SQLite database: everything that the cluster keeps, its Secrets too, so nobody but kine reads them.

import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { isIn } from "../../product/paths.ts";
import { statIfExists, writeFileAtomic } from "../../os/files.ts";
import type { UserId } from "../../os/user-id.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import { readClusterFacts } from "../controller-join/cluster-facts.ts";
import { otherDatastore } from "../datastore-identity/component.ts";
import { sqliteFile } from "./flags.ts";

/**
 * Makes an empty one, which SQLite takes for a new database and whose mode it gives to the files beside it. One of kine's that
 * an older k0s let everybody read is closed to others; somebody else's keeps its mode.
 */
export async function prepareDatabaseFile(file: string, dataDir: string, owner: UserId): Promise<void> {
  if ((await statIfExists(file)) === undefined) {
    await writeFileAtomic(file, "", { mode: 0o600, ...owner });
    return;
  }
  // `k0s restore` puts it there before kine's user need exist.
  await handOver(file, dataDir, owner);
  await withFiles(file, async (handle, info) => {
    const isKines = isIn(file, dataDir) || (owner.uid !== 0 && info.uid === owner.uid);
    if (isKines && (info.mode & 0o007) !== 0) await handle.chmod(info.mode & 0o770);
  });
}

/** What root has put into the data directory becomes kine's. */
export async function handOver(file: string, dataDir: string, owner: UserId): Promise<void> {
  if (owner.uid === 0 || !isIn(file, dataDir)) return;
  await withFiles(file, async (handle, info) => {
    // A second name of a file elsewhere is not what root has put there.
    if (info.uid === 0 && info.nlink === 1) await handle.chown(owner.uid, owner.gid);
  });
}

/** No link is followed: kine's user, who can make one, would be given the file that it leads to. */
async function withFiles(
  file: string,
  work: (handle: FileHandle, info: Stats) => Promise<void>,
): Promise<void> {
  for (const path of filesOfDatabase(file)) {
    const handle = await openItself(path);
    if (handle === undefined) continue;
    try {
      const info = await handle.stat();
      if (info.isFile()) await work(handle, info);
    } finally {
      await handle.close();
    }
  }
}

async function openItself(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ELOOP") return undefined;
    throw err;
  }
}

/** Throws unless one is there: SQLite writes its first page before anything can be asked of it, and each begins in the same way. */
export async function assertDatabase(file: string): Promise<void> {
  if (((await statIfExists(file))?.size ?? 0) === 0)
    throw new Error(`the database ${file} is gone, and would begin anew without the cluster: put it back`);
  const begin = await Bun.file(file).slice(0, firstBytes.length).text();
  if (begin !== firstBytes) throw new Error(`${file}: file is not a database`);
}

const firstBytes = "SQLite format 3\0";

/** With those that SQLite keeps beside it. */
export function filesOfDatabase(file: string): readonly string[] {
  return [file, `${file}-wal`, `${file}-shm`, `${file}-journal`];
}

/** Throws a UserError when the file of an SQLite datastore is gone, before kine makes an empty one. */
export async function assertDatabaseThere(dataDir: string, { spec }: NodeConfig): Promise<void> {
  if (spec.storage.type !== "kine") return;
  const file = sqliteFile(spec.storage.kine.dataSource, dataDir);
  if (file === undefined || (await readClusterFacts(dataDir)) === undefined) return;
  if ((await statIfExists(file)) !== undefined) return;
  throw otherDatastore(`the database of this cluster is gone: there is no ${file}`, dataDir);
}

/** The SQLite file of a data source that lies elsewhere than k0s' own; undefined for all others. */
export function databaseElsewhere(file: string | undefined, dataDir: string): string | undefined {
  return file === undefined || isIn(file, dataDir) ? undefined : file;
}
