// Directories of k0s that have fixed names: the run directory, and where the launcher and root's commands unpack programs.

import { basename, dirname } from "node:path";
import type { InstallationRecord } from "../../config/installation-record.ts";
import { runDirNoteName } from "../../config/run-dir-note.ts";
import { defaultDataDir, isDefaultDataDir, type NodePaths, rootsCacheDir } from "../../product/paths.ts";
import { answering } from "../../os/answering.ts";
import { realPath } from "../../os/real-path.ts";
import { stagedEntries } from "../../payload/staged-entries.ts";
import { hasStagedPrograms } from "../older-installation.ts";
import type { RunDirOwner } from "./run-directory.ts";
import { namesIn } from "../../os/names-in.ts";

/** A directory in which k0s makes entries. */
export interface FixedPlace {
  readonly path: string;
  /** Names that k0s uses there. */
  readonly known: readonly string[];
  /** Nothing is said about what else is there. */
  readonly quiet?: boolean;
  /** Another place is the same directory, and comes later. */
  readonly keepItself?: boolean;
}

export interface FixedPlaceOptions {
  readonly paths: NodePaths;
  readonly record: InstallationRecord | undefined;
  readonly runDirOwner: RunDirOwner;
  /** The lock that reset holds was not there before. */
  readonly lockIsNew: boolean;
}

/**
 * All but the lock, before the data directory goes: without the record nobody would know whose it was. Nothing of another
 * installation's but our own note.
 */
export async function runDirContent({ paths, runDirOwner }: FixedPlaceOptions): Promise<FixedPlace[]> {
  // A note without an installation would say of the run directory that it is nobody's.
  if (runDirOwner.kind === "another's" && runDirOwner.noteIsOurs)
    return [{ path: paths.runDir, known: [runDirNoteName], quiet: true, keepItself: true }];
  if (runDirOwner.kind !== "ours") return [];
  const lock = basename(paths.runtimeConfigLock);
  const known = (await namesIn(paths.runDir)).filter((name) => name !== lock);
  return [{ path: paths.runDir, known, quiet: true, keepItself: true }];
}

/** The lock last: reset holds it, and a k0s that starts waits for it. Not one that reset has made, when nothing else is there. */
export async function runDirLock(options: FixedPlaceOptions): Promise<FixedPlace[]> {
  const { paths, runDirOwner, lockIsNew } = options;
  if (runDirOwner.kind !== "ours") return [];
  const [content] = await runDirContent(options);
  if (lockIsNew && content?.known.length === 0) return [];
  return [{ path: paths.runDir, known: [basename(paths.runtimeConfigLock)], quiet: true }];
}

export interface LauncherRoots {
  /** Shared with what operators keep there. */
  readonly cache: string;
  readonly runtimes: readonly string[];
}

/** As in launcher/place.go. */
const launcherRoots: LauncherRoots = {
  cache: dirname(rootsCacheDir),
  runtimes: ["/run/k0s-runtime", "/tmp/.k0s-runtime-0"],
};

/**
 * Where the launcher unpacks the runtime: in the first of them whose file system allows it. It makes the default data
 * directory at every command, also when there is no installation; that of another installation is left to it.
 */
export async function launcherPlaces(
  { paths, record }: FixedPlaceOptions,
  roots: LauncherRoots = launcherRoots,
): Promise<FixedPlace[]> {
  const [answered] = await answering([defaultDataDir]);
  const usual = answered === true ? realPath(defaultDataDir) : undefined;
  const own = isDefaultDataDir(paths.dataDir);
  const places: FixedPlace[] = [];
  if (record === undefined && (await hasStagedPrograms(paths)))
    places.push(...(await programsWithoutRecord(paths, own ? ["runtime"] : [])));
  else if (record === undefined && own) places.push({ path: paths.dataDir, known: ["runtime"], quiet: true });
  else if (
    !own &&
    usual !== undefined &&
    (await namesIn(usual)).every((name) => name === "runtime" || name === "lost+found")
  )
    places.push({ path: usual, known: ["runtime"], quiet: true });
  places.push({ path: roots.cache, known: ["runtime", basename(rootsCacheDir)] });
  for (const path of roots.runtimes)
    places.push({ path, known: (await namesIn(path)).filter((name) => unpackedName.test(name)) });
  return places;
}

/** The notes prove what they name. Where nothing else lies beside it, the directory goes as a whole. */
async function programsWithoutRecord(
  { dataDir, binDir }: NodePaths,
  known: readonly string[],
): Promise<FixedPlace[]> {
  const bin = basename(binDir);
  const { ours, others } = await stagedEntries(realPath(binDir));
  if (others.length === 0) return [{ path: dataDir, known: [...known, bin], quiet: true }];
  return [
    { path: binDir, known: ours },
    { path: dataDir, known, quiet: true, keepItself: true },
  ];
}

/** A runtime is named by its SHA-256; the other is one that was not finished. */
const unpackedName = /^(?:[0-9a-f]{64}|\.k0s-tmp-.+)$/;
