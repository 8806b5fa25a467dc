// The bundle files in <data>/images as they lie there, and which of them are whole: nothing is read that is being written.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findWriter } from "../../../os/file-writers.ts";
import { errno, isNotFound } from "../../../std/errors.ts";

export interface BundleFile {
  /** Of its last change, as it stands in the labels of images; empty for what cannot be looked at, such as a link to a disk that is away. */
  readonly time: string;
  /** The same as long as nothing about the file has changed. */
  readonly mark: string;
  /** When anything about it changed last, in milliseconds of the host's clock. */
  readonly changedMs: number;
}

export type BundleFiles = Readonly<Record<string, BundleFile>>;

export const unreadable = "";

/** Files that are being written have a name with a leading dot. Throws when there is no such directory: that says nothing. */
export async function bundleFiles(dir: string): Promise<BundleFiles> {
  const files: Record<string, BundleFile> = {};
  for (const name of (await readdir(dir)).filter((entry) => !entry.startsWith(".")).toSorted()) {
    const path = join(dir, name);
    const file = await bundleFile(path);
    if (file !== undefined) files[path] = file;
  }
  return files;
}

/** Undefined for a directory or another thing that is not a bundle. */
async function bundleFile(path: string): Promise<BundleFile | undefined> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return undefined;
    const mark = [info.dev, info.ino, info.size, info.mtimeMs, info.ctimeMs].join(" ");
    return { time: info.mtime.toISOString(), mark, changedMs: info.ctimeMs };
  } catch (err) {
    if (errno(err) === undefined) throw err;
    return { time: unreadable, mark: unreadable, changedMs: 0 };
  }
}

/** Whether somebody has it open for writing: a copy that has stalled looks settled, and is not. */
export async function isBeingWritten(path: string): Promise<boolean> {
  try {
    return (await findWriter([path])) !== undefined;
  } catch (err) {
    if (isNotFound(err)) return true;
    throw err;
  }
}

/** How long a file has to look the same before it is read. */
export const settleMs = 1_000;

/** Since when each file has looked as it does, in milliseconds of a clock that does not jump. */
export type Looks = ReadonlyMap<string, { readonly mark: string; readonly since: number }>;

export interface Clocks {
  /** Does not jump. */
  readonly now: number;
  /** The host's, by which files are dated. */
  readonly wall: number;
}

/** What was seen before and is seen now; which files have settled. A file that was last changed long ago need not be waited for. */
export function settle(
  before: Looks,
  files: BundleFiles,
  { now, wall }: Clocks,
): { readonly looks: Looks; readonly settled: ReadonlySet<string> } {
  const looks = new Map(
    Object.entries(files).map(([path, { mark }]) => {
      const last = before.get(path);
      return [path, last?.mark === mark ? last : { mark, since: now }] as const;
    }),
  );
  const settled = Object.entries(files).filter(
    ([path, { changedMs }]) =>
      now - (looks.get(path)?.since ?? now) >= settleMs || wall - changedMs >= settleMs,
  );
  return { looks, settled: new Set(settled.map(([path]) => path)) };
}
