// k0s' own directories: what in them k0s has made, and what else lies there and stays.

import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";
import { dataDirEntries, divideEntries, kubeletRootEntries } from "../../config/data-dir-entries.ts";
import { type InstallationRecord, recordFileName } from "../../config/installation-record.ts";
import { defaultDataDir, isDefaultDataDir, type NodePaths } from "../../config/paths.ts";
import { isMountPoint, type Mount, mountsBelow } from "../../os/mounts.ts";
import { realPath } from "../../os/real-path.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import { diskUsage } from "./disk-usage.ts";
import type { OwnDirectory } from "./observation.ts";
import { names } from "./observe-pods.ts";

export interface OwnOptions {
  readonly paths: NodePaths;
  readonly record: InstallationRecord | undefined;
  readonly mounts: readonly Mount[];
  /** Directories that are reached through a symbolic link, which would lead nowhere without them. */
  readonly linked: ReadonlySet<string>;
  /** The lock that reset holds was not there before. */
  readonly lockIsNew: boolean;
  readonly measure: boolean;
}

export interface OwnObservation {
  readonly own: readonly OwnDirectory[];
  /** Targets of mounts below what will be deleted, last mounted first. */
  readonly mounts: readonly string[];
  /** Paths of what k0s has not made. */
  readonly others: readonly string[];
}

export async function observeOwn(options: OwnOptions): Promise<OwnObservation> {
  const { paths, record, mounts } = options;
  const found = [];
  for (const root of kubeletRoots(paths, record)) found.push(await look(root, kubeletRootEntries, options));
  if (record !== undefined) found.push(await look(paths.dataDir, dataDirEntries, options));
  found.push(...(await launcherDirectories(options)));
  found.push(await look(paths.runDir, await runDirEntries(options), options));
  const own = found.flatMap((one) => one?.own ?? []);
  const doomed = own.flatMap(({ path, entries, proof = [] }) =>
    [...entries, proof].flat().map((name) => join(path, name)),
  );
  const below = new Set(doomed.flatMap((path) => mountsBelow(mounts, path, { itself: true })));
  return {
    own,
    mounts: mounts
      .filter((mount) => below.has(mount))
      .map(({ target }) => target)
      .toReversed(),
    others: found.flatMap((one) => one?.others ?? []),
  };
}

interface Look {
  /** None when nothing of k0s is there. */
  readonly own: readonly OwnDirectory[];
  readonly others: readonly string[];
}

/** Undefined if there is no such directory. */
async function look(path: string, known: readonly string[], options: OwnOptions): Promise<Look | undefined> {
  const { mounts, linked, measure } = options;
  if (!(await isDirectory(path))) return undefined;
  const { ours, others } = divideEntries(await names(path), known);
  const sizes = await Promise.all(ours.map((name) => diskUsage(join(path, name), { measure, mounts })));
  const directory: OwnDirectory = {
    path,
    entries: ours.filter((name) => name !== recordFileName),
    ...(ours.includes(recordFileName) ? { proof: recordFileName } : {}),
    bytes: sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
    keepItself: isMountPoint(mounts, path) || linked.has(path),
  };
  const untouched = ours.length === 0 && (others.length > 0 || directory.keepItself);
  return { own: untouched ? [] : [directory], others: others.map((name) => join(path, name)) };
}

/** Outside of the data directory, or under another name than the usual one in it. */
function kubeletRoots(paths: NodePaths, record: InstallationRecord | undefined): readonly string[] {
  if (record === undefined) return [];
  const roots = new Set([...record.kubeletRootDirs, paths.kubeletRootDir]);
  return [...roots].filter((root) => root !== join(paths.dataDir, "kubelet"));
}

/**
 * Where the launcher unpacks the runtime: in the first of them whose file system allows it. It makes the default data
 * directory at every command, also when there is no installation.
 */
async function launcherDirectories(options: OwnOptions): Promise<(Look | undefined)[]> {
  const { paths, record } = options;
  const looks = await Promise.all(
    ["/var/cache/k0s", "/run/k0s-runtime", "/tmp/.k0s-runtime-0"].map(async (dir) =>
      look(dir, await names(dir), options),
    ),
  );
  if (record !== undefined && isDefaultDataDir(paths.dataDir)) return looks;
  const first = await look(realPath(defaultDataDir), ["runtime"], options);
  return first === undefined ? looks : [{ own: first.own, others: [] }, ...looks];
}

/** The lock last: reset holds it, and whoever starts waits for it. None if there is nothing else and reset has made it. */
async function runDirEntries({ paths, lockIsNew }: OwnOptions): Promise<readonly string[]> {
  const lock = basename(paths.runtimeConfigLock);
  const others = (await names(paths.runDir)).filter((name) => name !== lock);
  return others.length === 0 && lockIsNew ? [] : [...others, lock];
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return false;
    throw err;
  }
}
