// A backup of a controller that runs. Upstream: pkg/backup/manager_unix.go.

import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { namesIn } from "../../os/names-in.ts";
import { isDeepStrictEqual } from "node:util";
import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { defaultConfigPath } from "../../config/load.ts";
import { configYaml } from "../../config/print-config.ts";
import { removeTree } from "../../os/removal.ts";
import { isAlive } from "../../os/temporary-files.ts";
import type { NodePaths } from "../../product/paths.ts";
import type { Logger } from "../../std/log.ts";
import { type ArchiveEntry, writeArchive } from "./archive.ts";
import { assertRoomForCopy, copyDatastore, datastoreToSave, type SavedDatastore } from "./datastore.ts";
import { assertSaved, filesToSave } from "./files.ts";
import { configName, etcdSnapshotName, neededFiles, noteName, sqliteName } from "./layout.ts";
import { pathsElsewhere } from "./paths-elsewhere.ts";
import type { BackupNote } from "./note.ts";

export interface BackupOptions {
  readonly paths: NodePaths;
  /** Of the running k0s. */
  readonly config: ClusterConfig;
  /** The file that it was started with; undefined or `-` if there is none to be read again. */
  readonly configFile: string | undefined;
  readonly note: BackupNote;
  readonly write: (piece: Uint8Array) => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Writes the archive, and logs what it leaves out. Throws a UserError for a datastore that it cannot save. */
export async function writeBackup(options: BackupOptions): Promise<void> {
  const { paths, config, log, write, signal } = options;
  const { dataDir } = paths;
  const store = datastoreToSave(config, dataDir);
  await removeLeftRooms(dataDir);
  await assertRoomForCopy(store, paths);
  // A name that reset knows, should this process be killed.
  const room = await mkdtemp(join(dataDir, `${roomPrefix}${process.pid}-`));
  try {
    const copy = join(room, copyName(store));
    await copyDatastore(store, copy, { paths, log, signal });
    const saved = new Set<string>();
    await writeArchive(entriesOf(options, { copy, store, saved }), write, signal);
    assertSaved(saved, neededFiles({ etcd: store.kind === "etcd" }), dataDir);
    for (const path of pathsElsewhere(config, dataDir))
      if ((await statIfExists(path))?.isFile() === true)
        log.warn("The configuration names this file, and it is not in the backup", { path });
  } finally {
    await removeTree(room);
  }
}

async function* entriesOf(
  options: BackupOptions,
  what: { readonly copy: string; readonly store: SavedDatastore; readonly saved: Set<string> },
): AsyncGenerator<ArchiveEntry> {
  const { paths, note, log, signal } = options;
  yield { name: copyName(what.store), from: { path: what.copy, directory: false } };
  const skip = (path: string): void => {
    log.warn("Neither a file nor a directory, so it is not in the backup", { path });
  };
  for await (const { name, path, directory } of filesToSave(paths.dataDir, skip, signal)) {
    yield { name, from: { path, directory } };
    what.saved.add(name);
  }
  yield { name: configName, from: { content: await configurationText(options) } };
  yield { name: noteName, from: { content: `${JSON.stringify(note, undefined, 2)}\n` } };
}

const roomPrefix = ".k0s-tmp-backup-";

/** A copy of all Secrets, left by a backup that was killed. */
async function removeLeftRooms(dataDir: string): Promise<void> {
  for (const name of await namesIn(dataDir)) {
    if (!name.startsWith(roomPrefix)) continue;
    const pid = Number(name.slice(roomPrefix.length).split("-")[0]);
    if (pid === process.pid || !(await isAlive(pid))) await removeTree(join(dataDir, name));
  }
}

function copyName({ kind }: SavedDatastore): string {
  return kind === "etcd" ? etcdSnapshotName : sqliteName;
}

/** The file as its author wrote it; where there was none, what the node runs with. */
async function configurationText({ config, configFile, paths }: BackupOptions): Promise<string> {
  const file = configFile ?? defaultConfigPath;
  const text = file === "-" ? undefined : await readFileIfExists(file);
  if (text !== undefined) return text;
  const defaults = { single: false, dataDir: paths.dataDir, publicAddress: "127.0.0.1" };
  const ownImages = !isDeepStrictEqual(config.spec.images, configDefaultsFor(defaults).spec.images);
  return configYaml(config, { includeImages: ownImages });
}
