// The copy of the datastore for a backup: of one moment, while the cluster goes on writing.

import { Database } from "bun:sqlite";
import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  type EtcdClient,
  localEndpoint,
  localEtcdClient,
  localEtcdTls,
} from "../../components/etcd/client.ts";
import { etcdSnapshot } from "../../components/etcd/snapshot.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { assertWritable } from "../../os/disk-space.ts";
import { statIfExists } from "../../os/files.ts";
import type { NodePaths } from "../../product/paths.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";

export type SavedDatastore = { readonly kind: "etcd" } | { readonly kind: "sqlite"; readonly file: string };

/** Throws a UserError for a datastore that is saved with its own tools. */
export function datastoreToSave(config: ClusterConfig, dataDir: string): SavedDatastore {
  const { storage } = config.spec;
  if (storage.type === "etcd") {
    if (isEtcdManaged(config)) return { kind: "etcd" };
    throw new UserError("command 'k0s backup' does not support external etcd cluster", {
      code: "external-etcd",
      hint: "Save the objects with etcdctl against that cluster, and of this controller pki and the configuration.",
    });
  }
  const file = sqliteFile(storage.kine.dataSource, dataDir);
  if (file !== undefined) return { kind: "sqlite", file };
  throw new UserError("command 'k0s backup' does not save an external database", {
    code: "external-database",
    hint: "Save it with its own tools (pg_dump, mysqldump), and of this controller pki and the configuration.",
  });
}

/** What must be left for a datastore that goes on growing: one that finds no space ends the cluster. */
const reserveBytes = 256 << 20;

/** Throws a UserError when the copy would take the last space of the running datastore. Touches nothing. */
export async function assertRoomForCopy(
  store: SavedDatastore,
  { dataDir, etcdDataDir }: Pick<NodePaths, "dataDir" | "etcdDataDir">,
): Promise<void> {
  const file = store.kind === "sqlite" ? store.file : join(etcdDataDir, "member/snap/db");
  const size = (await statIfExists(file))?.size ?? 0;
  await assertWritable(
    dataDir,
    size + reserveBytes,
    "make a backup later: the running cluster needs what is left",
  );
}

interface CopyOptions {
  readonly paths: NodePaths;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Whole when it resolves. The file must not exist. */
export async function copyDatastore(
  store: SavedDatastore,
  target: string,
  { paths, log, signal }: CopyOptions,
): Promise<void> {
  if (store.kind === "sqlite") return copySqlite(store.file, target);
  await catchUp(localEtcdClient(paths), { log, signal });
  await using file = await open(target, "wx", 0o600);
  for await (const piece of etcdSnapshot(localEndpoint, await localEtcdTls(paths), signal)) {
    await file.writeFile(piece);
  }
}

/**
 * A member may lag behind: when it has answered this, it has all that the cluster had acknowledged before. Without a majority
 * there is no such answer, and then what this member knows may be all that is left to save.
 */
export async function catchUp(
  etcd: Pick<EtcdClient, "members">,
  { log, signal }: Omit<CopyOptions, "paths">,
): Promise<void> {
  try {
    await etcd.members({ signal });
  } catch (err) {
    signal.throwIfAborted();
    log.warn("etcd has no majority: the backup has what this member knows, others may have later writes", {
      error: errorMessage(err),
    });
  }
}

const busyMs = 10_000;

/** One transaction that reads: kine writes on beside it. Everything acknowledged before it began is in it. */
export function copySqlite(file: string, target: string): void {
  const database = new Database(file, { readwrite: true, create: false });
  try {
    database.run(`PRAGMA busy_timeout = ${busyMs}`);
    database.run("VACUUM INTO ?", [target]);
  } finally {
    database.close();
  }
}
