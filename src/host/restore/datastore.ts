// The datastore of a restore: made and checked beside its place, then put there in one step.

import { Database } from "bun:sqlite";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { restoreArguments, revisionsAhead } from "../../components/etcd/restored-member.ts";
import { skipRevisions } from "../../components/kine/restored-database.ts";
import { filesOfDatabase } from "../../components/kine/database-file.ts";
import { runOrThrow } from "../../os/exec.ts";
import { ensureDir, ensureOwnership, makeDir, renameFile, statIfExists } from "../../os/files.ts";
import { removeTree } from "../../os/removal.ts";
import type { NodePaths } from "../../product/paths.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { etcdSnapshotName, sqliteName } from "../backup/layout.ts";
import { placeFile } from "./place.ts";
import type { RestoredDatastore } from "./plan.ts";

/** Where objects are kept already: what a restore must not replace. */
export async function presentDatastore(
  datastore: RestoredDatastore,
  paths: NodePaths,
): Promise<string | undefined> {
  const databases = [
    join(paths.dataDir, "db/state.db"),
    ...(datastore.kind === "sqlite" ? [datastore.file] : []),
  ];
  // A log without its database, too: SQLite would play it into the restored one.
  const places = [join(paths.etcdDataDir, "member"), ...databases.flatMap(filesOfDatabase)];
  for (const path of places) {
    const info = await statIfExists(path);
    if (info === undefined || (info.isFile() && info.size === 0)) continue;
    if (info.isFile() || (await readdir(path)).length > 0) return path;
  }
  return undefined;
}

export interface PreparedDatastore extends AsyncDisposable {
  place(): Promise<void>;
}

export interface DatastoreOptions {
  readonly paths: NodePaths;
  /** Of a directory for what is not in its place yet. */
  readonly roomName: string;
  readonly etcdProgram: () => Promise<string>;
  readonly shown: string;
  readonly signal: AbortSignal;
}

/** Where the copy lies among the unpacked files, if there is one. */
export function copyIn({ kind }: RestoredDatastore, unpacked: string): string | undefined {
  if (kind === "elsewhere") return undefined;
  return join(unpacked, kind === "etcd" ? etcdSnapshotName : sqliteName);
}

/** All that can fail for its content has been done when it resolves. */
export async function prepareDatastore(
  datastore: RestoredDatastore,
  unpacked: string,
  options: DatastoreOptions,
): Promise<PreparedDatastore> {
  if (datastore.kind === "etcd") return prepareEtcd(datastore, join(unpacked, etcdSnapshotName), options);
  const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };
  if (datastore.kind === "elsewhere") return { ...nothing, place: () => Promise.resolve() };
  const copy = join(unpacked, sqliteName);
  readySqlite(copy, options.shown);
  return { ...nothing, place: () => placeSqlite(copy, datastore.file) };
}

/** It belongs to the owner of its directory; kine makes its own of one in the data directory. */
async function placeSqlite(copy: string, file: string): Promise<void> {
  await makeDir(dirname(file), { mode: 0o750 });
  const { uid, gid } = await stat(dirname(file));
  await ensureOwnership(copy, { mode: 0o600, uid, gid });
  await placeFile(copy, file);
}

async function prepareEtcd(
  { name, peerUrls }: Extract<RestoredDatastore, { readonly kind: "etcd" }>,
  snapshot: string,
  { paths, roomName, etcdProgram, shown, signal }: DatastoreOptions,
): Promise<PreparedDatastore> {
  const { etcdDataDir } = paths;
  await ensureDir(etcdDataDir, { mode: 0o700 });
  // On the file system of etcd's own directory, which may be a disk of its own.
  const made = join(etcdDataDir, roomName);
  await removeTree(made);
  const program = await etcdProgram();
  try {
    await runOrThrow(program, restoreArguments({ snapshot, dataDir: made, name, peerUrls }), { signal });
  } catch (err) {
    await removeTree(made);
    signal.throwIfAborted();
    throw new UserError(`etcd cannot make a member of the snapshot in ${shown}: ${errorMessage(err)}`, {
      code: "backup-damaged",
      cause: err,
    });
  }
  return {
    place: () => renameFile(join(made, "member"), join(etcdDataDir, "member")),
    [Symbol.asyncDispose]: () => removeTree(made),
  };
}

/** Whole, and with revisions that go on far ahead. */
function readySqlite(file: string, shown: string): void {
  try {
    const database = new Database(file, { readwrite: true, create: false });
    try {
      const [row] = database.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").all();
      if (row?.quick_check !== "ok") throw new Error(row?.quick_check ?? "no answer");
      skipRevisions(database, revisionsAhead);
    } finally {
      database.close();
    }
  } catch (err) {
    throw new UserError(`the database in ${shown} is damaged: ${errorMessage(err)}`, {
      code: "backup-damaged",
      cause: err,
    });
  }
}
