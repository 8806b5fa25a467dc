// A backup of a controller that runs. Upstream: pkg/backup/manager_unix.go.

import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { readFileIfExists } from "../../os/files.ts";
import { isDeepStrictEqual } from "node:util";
import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { defaultConfigPath } from "../../config/load.ts";
import { configYaml } from "../../config/print-config.ts";
import { removeTree } from "../../os/removal.ts";
import type { NodePaths } from "../../product/paths.ts";
import { type ArchiveEntry, writeArchive } from "./archive.ts";
import { copyDatastore, datastoreToSave, type SavedDatastore } from "./datastore.ts";
import { filesToSave } from "./files.ts";
import { configName, etcdSnapshotName, noteName, sqliteName } from "./layout.ts";
import type { BackupNote } from "./note.ts";

export interface BackupOptions {
  readonly paths: NodePaths;
  /** Of the running k0s. */
  readonly config: ClusterConfig;
  /** The file that it was started with; undefined or `-` if there is none to be read again. */
  readonly configFile: string | undefined;
  readonly note: BackupNote;
  readonly write: (piece: Uint8Array) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Writes the archive; returns what it leaves out. Throws a UserError for a datastore that it cannot save. */
export async function writeBackup(options: BackupOptions): Promise<readonly string[]> {
  const { paths, config, note, write, signal } = options;
  const store = datastoreToSave(config, paths.dataDir);
  // A name that reset knows, should this process be killed.
  const room = await mkdtemp(join(paths.dataDir, ".k0s-tmp-backup-"));
  try {
    const copy = join(room, copyName(store));
    await copyDatastore(store, copy, { paths, signal });
    const { files, skipped } = await filesToSave(paths.dataDir, signal);
    const entries: readonly ArchiveEntry[] = [
      { name: copyName(store), from: { path: copy, directory: false } },
      ...files.map(({ name, path, directory }) => ({ name, from: { path, directory } })),
      { name: configName, from: { content: await configurationText(options) } },
      { name: noteName, from: { content: `${JSON.stringify(note, undefined, 2)}\n` } },
    ];
    await writeArchive(entries, write, signal);
    return skipped;
  } finally {
    await removeTree(room);
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
