// Makes a data directory of a backup. Nothing is written before the whole archive is known to be good; the datastore comes
// last, and until it is there a restore can be run again. Upstream: pkg/backup/manager_unix.go (RunRestore).

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { unpackTar } from "modern-tar/fs";
import { lastingFactsOf, writeClusterFacts } from "../../components/controller-join/cluster-facts.ts";
import { writeJoinState } from "../../components/controller-join/state.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { parseClusterConfig } from "../../config/load.ts";
import { ensureDir, readFileIfExists, statIfExists, writeFailure } from "../../os/files.ts";
import { entryPath } from "../../oci/entry-path.ts";
import { freeBytes } from "../../os/disk-space.ts";
import { removeTree } from "../../os/removal.ts";
import type { NodePaths } from "../../product/paths.ts";
import { k0sVersion } from "../../product/versions.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import type { Logger } from "../../std/log.ts";
import {
  clusterFactsName,
  configName,
  isSavedPath,
  noteName,
  savedDirectories,
  savedFiles,
} from "../backup/layout.ts";
import { assertNotNewer, type BackupNote, readBackupNote } from "../backup/note.ts";
import { beginInstallation } from "../installation.ts";
import { inspectArchive, type InspectedArchive } from "./inspect-archive.ts";
import { copyIn, prepareDatastore, presentDatastore } from "./datastore.ts";
import { type KeysToFind, keysToFind } from "./encrypted-secrets.ts";
import { place } from "./place.ts";
import {
  assertComplete,
  assertNoOtherCluster,
  datastoreToRestore,
  isSingleNodeBackup,
  type RestoredDatastore,
} from "./plan.ts";

export interface RestoreOptions {
  /** A file; `shown` is its name for people. */
  readonly archive: string;
  readonly shown: string;
  readonly paths: NodePaths;
  /** Of this host's node. */
  readonly name: string;
  readonly publicAddress: string;
  /** Called with the installation begun: where etcd's program is. */
  readonly etcdProgram: () => Promise<string>;
  /** Hands over k0s.yaml; called before the datastore is there. */
  readonly configuration: (text: string) => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Restored {
  readonly note: BackupNote | undefined;
  readonly datastore: RestoredDatastore;
  /** Set if Secrets seem to be encrypted with keys that the archive does not name. */
  readonly keys: KeysToFind | undefined;
  readonly unknown: readonly string[];
}

/** No backup has so many files. */
const mostEntries = 200_000;
/** Of a restore that goes on or was cut off; reset knows names like this. */
const roomName = ".k0s-tmp-restore";

/** Only with the runtime lock held, and after `assertMayUse`. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { archive, shown, paths, log, signal } = options;
  const bytes = await freeBytes(paths.dataDir);
  const inspected = await inspectArchive(archive, shown, { bytes, entries: mostEntries }, signal);
  assertComplete(inspected, shown);
  const note = readBackupNote(inspected.texts.get(noteName));
  assertNotNewer(note, k0sVersion);
  const text = inspected.texts.get(configName) ?? "";
  const config = configOf(text, inspected, options);
  const datastore = datastoreToRestore(inspected, config, { dataDir: paths.dataDir, name: options.name });
  await assertFree(datastore, inspected, paths);

  await beginInstallation(paths, log);
  const work = join(paths.dataDir, roomName);
  await removeTree(work);
  let keys: KeysToFind | undefined;
  try {
    await ensureDir(work, { mode: 0o700 });
    const unpacked = join(work, "backup");
    await unpack(archive, unpacked, signal);
    keys = await keysToFind(inspected, config, copyIn(datastore, unpacked), signal);
    await using prepared = await prepareDatastore(datastore, unpacked, { ...options, roomName });
    // Upstream's has none. With them a start before the datastore is there is refused, which would make an empty one.
    if (!inspected.files.has(clusterFactsName))
      await writeClusterFacts(paths.dataDir, lastingFactsOf(config));
    for (const name of [...savedFiles, ...savedDirectories]) {
      const from = join(unpacked, name);
      if ((await statIfExists(from)) !== undefined) await place(from, join(paths.dataDir, name), signal);
    }
    await options.configuration(text);
    // An unfinished join of before would take this member for its own; and etcd does not begin without its data from here on.
    await writeJoinState(paths.dataDir, { phase: "member" });
    await prepared.place();
  } catch (err) {
    throw writeFailure(paths.dataDir, err);
  } finally {
    await removeTree(work);
  }
  return { note, datastore, keys, unknown: inspected.unknown };
}

/** Looks at each entry again: the archive may lie where others can change it. */
async function unpack(archive: string, to: string, signal: AbortSignal): Promise<void> {
  await ensureDir(to, { mode: 0o700 });
  const wanted = ({ name, type = "file" }: { readonly name: string; readonly type?: string }): boolean =>
    (type === "file" || type === "directory") && isSavedPath(entryPath(name, "the archive"));
  await pipeline(
    createReadStream(archive),
    createGunzip(),
    unpackTar(to, {
      strict: true,
      filter: wanted,
      map: (header) => ({ ...header, mode: (header.mode ?? 0o600) & 0o755 }),
    }),
    { signal },
  );
}

function configOf(
  text: string,
  inspected: InspectedArchive,
  { paths, publicAddress, shown }: RestoreOptions,
): ClusterConfig {
  return parseClusterConfig(text, {
    source: `${configName} in ${shown}`,
    single: isSingleNodeBackup(inspected),
    dataDir: paths.dataDir,
    publicAddress,
    rules: nodeRules,
    clusterExists: true,
  }).config;
}

async function assertFree(
  datastore: RestoredDatastore,
  { texts }: InspectedArchive,
  paths: NodePaths,
): Promise<void> {
  const ca = await readFileIfExists(join(paths.pkiDir, "ca.crt"));
  assertNoOtherCluster(
    { ca, datastore: await presentDatastore(datastore, paths) },
    texts.get("pki/ca.crt"),
    paths.dataDir,
  );
}
