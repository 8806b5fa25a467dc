// The files of a SQLite database: everything that the cluster keeps, its Secrets too, so nobody but kine reads them.

import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { isIn } from "../../product/paths.ts";
import { lstatIfExists, statIfExists, writeFileAtomic } from "../../os/files.ts";
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
  await changeFiles(file, ({ uid, mode }) => {
    const isKines = isIn(file, dataDir) || (owner.uid !== 0 && uid === owner.uid);
    return isKines && (mode & 0o007) !== 0 ? (handle) => handle.chmod(mode & 0o770) : undefined;
  });
}

/** What root has put into the data directory becomes kine's. */
export async function handOver(file: string, dataDir: string, owner: UserId): Promise<void> {
  if (owner.uid === 0 || !isIn(file, dataDir)) return;
  await changeFiles(file, ({ uid }) =>
    uid === 0 ? (handle) => handle.chown(owner.uid, owner.gid) : undefined,
  );
}

type Change = (handle: FileHandle) => Promise<void>;

/**
 * No link is followed, and no second name taken for the file: kine's user, who can make both, would be given what they lead to.
 * A file that is right is not opened, since a network's file system may not let root.
 */
async function changeFiles(file: string, decide: (info: Stats) => Change | undefined): Promise<void> {
  const changeOf = (info: Stats): Change | undefined =>
    info.isFile() && info.nlink === 1 ? decide(info) : undefined;
  for (const path of filesOfDatabase(file)) {
    const found = await lstatIfExists(path);
    if (found === undefined || changeOf(found) === undefined) continue;
    const handle = await openItself(path);
    try {
      if (handle !== undefined) await changeOf(await handle.stat())?.(handle);
    } finally {
      await handle?.close();
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
