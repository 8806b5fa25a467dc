// One manifest file as it is at this moment: its objects, or why it has none. A file that says nothing is not the same as
// one that wants nothing: an empty file, or a dangling link, is what a write or a mount in progress looks like.

import type { BigIntStats } from "node:fs";
import { lstat, readFile, stat } from "node:fs/promises";
import { errno, errorMessage, isNotFound, UserError } from "../std/errors.ts";
import { parseManifest } from "./manifest-objects.ts";
import type { ParsedManifest } from "./manifest-objects.ts";

export type ManifestFile =
  | ({ readonly state: "objects" } & ParsedManifest)
  /** It says nothing, and nothing follows from that. `unfinished`: not even a comment, so that anything may come. */
  | { readonly state: "doubtful"; readonly why: string; readonly unfinished: boolean }
  /** It cannot be read or parsed; for users. */
  | { readonly state: "bad"; readonly problem: string }
  /** It went between listing and reading. */
  | { readonly state: "gone" };

export interface ManifestReading {
  readonly file: ManifestFile;
  /** Equal as long as the file has not changed. */
  readonly mark: string;
}

export interface ManifestReader {
  read(path: string): Promise<ManifestReading>;
  /** Forgets files that were not read since the last call. */
  sweep(): void;
}

interface CacheEntry extends ManifestReading {
  used: boolean;
}

/** A file that changed so shortly before it was read may change again without another time stamp. */
const racyMs = 2_000;

/** Parses a file again only when it has changed. */
export function createManifestReader(now: () => number = Date.now): ManifestReader {
  const cache = new Map<string, CacheEntry>();
  return {
    async read(path) {
      let info: BigIntStats;
      try {
        info = await stat(path, { bigint: true });
      } catch (err) {
        cache.delete(path);
        return await withoutTarget(path, err);
      }
      const mark = `${info.dev} ${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}`;
      const known = cache.get(path);
      if (known?.mark === mark) {
        known.used = true;
        return known;
      }
      const reading = { file: await readManifest(path, info), mark };
      const sinceChangeMs = now() - Number(info.ctimeMs);
      if (sinceChangeMs > racyMs) cache.set(path, { ...reading, used: true });
      else cache.delete(path);
      return reading;
    },
    sweep() {
      for (const [path, entry] of cache) {
        if (!entry.used) cache.delete(path);
        entry.used = false;
      }
    },
  };
}

async function withoutTarget(path: string, err: unknown): Promise<ManifestReading> {
  if (!isNotFound(err))
    return { file: { state: "bad", problem: `${path}: ${errorMessage(err)}` }, mark: "bad" };
  try {
    await lstat(path);
    const why = `${path} is a symbolic link to something that is not there`;
    return { file: { state: "doubtful", why, unfinished: true }, mark: "dangling" };
  } catch (err) {
    if (!isNotFound(err))
      return { file: { state: "bad", problem: `${path}: ${errorMessage(err)}` }, mark: "bad" };
    return { file: { state: "gone" }, mark: "gone" };
  }
}

async function readManifest(path: string, info: BigIntStats): Promise<ManifestFile> {
  if (info.isDirectory()) return { state: "bad", problem: `${path}: is a folder, not a manifest` };
  if (!info.isFile()) return { state: "bad", problem: `${path}: is not a regular file` };
  try {
    const { objects, skipped } = parseManifest(await readFile(path), path);
    if (objects.length > 0) return { state: "objects", objects, skipped };
    const unfinished = info.size === 0n;
    const [first] = skipped;
    const none = first === undefined ? "holds no object" : `holds no object: line ${first.line} ${first.why}`;
    const what = unfinished ? "is empty" : none;
    return { state: "doubtful", why: `${path} ${what}; to delete its objects, delete the file`, unfinished };
  } catch (err) {
    if (isNotFound(err)) return { state: "gone" };
    if (!(err instanceof UserError) && errno(err) === undefined) throw err;
    const named = errorMessage(err).includes(path) ? errorMessage(err) : `${path}: ${errorMessage(err)}`;
    return { state: "bad", problem: named };
  }
}
