// The files of a data directory that go into a backup.

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { statIfExists } from "../../os/files.ts";
import { isNotFound } from "../../std/errors.ts";
import { savedDirectories, savedFiles } from "./layout.ts";

export interface FoundFile {
  /** Path within the data directory and within the archive. */
  readonly name: string;
  readonly path: string;
  readonly directory: boolean;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Paths of sockets, devices, and links that lead to a directory or nowhere. */
  readonly skipped: readonly string[];
}

const unfinished = /^\..+\.\d+\.[0-9a-f]{8}\.tmp$|^\.k0s-tmp-/;

/** A link to a file stands for the file; directories come before what is in them. */
export async function filesToSave(dataDir: string, signal: AbortSignal): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const skipped: string[] = [];
  const visit = async (name: string): Promise<void> => {
    signal.throwIfAborted();
    const path = join(dataDir, name);
    const kind = await kindOf(path);
    if (kind === "gone") return;
    if (kind === "other") return void skipped.push(path);
    files.push({ name, path, directory: kind === "directory" });
    if (kind === "file") return;
    for (const below of (await readdir(path)).toSorted())
      if (!unfinished.test(below)) await visit(`${name}/${below}`);
  };
  for (const name of [...savedDirectories, ...savedFiles]) await visit(name);
  return { files, skipped };
}

async function kindOf(path: string): Promise<"file" | "directory" | "other" | "gone"> {
  try {
    const own = await lstat(path);
    if (own.isDirectory()) return "directory";
    return (await statIfExists(path))?.isFile() === true ? "file" : "other";
  } catch (err) {
    if (isNotFound(err)) return "gone";
    throw err;
  }
}
