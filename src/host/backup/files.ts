// The files of a data directory that go into a backup.

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { statIfExists } from "../../os/files.ts";
import { namesIn } from "../../os/names-in.ts";
import { isNotFound, UserError } from "../../std/errors.ts";
import { unfinishedName } from "../data-dir-entries.ts";
import { savedDirectories, savedFiles } from "./layout.ts";

export interface FoundFile {
  /** Path within the data directory and within the archive. */
  readonly name: string;
  readonly path: string;
  readonly directory: boolean;
}

/**
 * Found one after the other, as they are read: k0s goes on and replaces some. A link to a file stands for the file; directories
 * come before what is in them. `skip` is told of sockets, devices, and links that lead to a directory or nowhere.
 */
export async function* filesToSave(
  dataDir: string,
  skip: (path: string) => void,
  signal: AbortSignal,
): AsyncGenerator<FoundFile> {
  for (const name of [...savedDirectories, ...savedFiles]) yield* below(name);

  async function* below(name: string): AsyncGenerator<FoundFile> {
    signal.throwIfAborted();
    const path = join(dataDir, name);
    const kind = await kindOf(path);
    if (kind === "gone") return;
    if (kind === "other") return skip(path);
    yield { name, path, directory: kind === "directory" };
    if (kind === "file") return;
    for (const found of (await namesIn(path)).toSorted())
      if (!unfinishedName.test(found)) yield* below(`${name}/${found}`);
  }
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

/** Throws a UserError if keys without which the cluster cannot be brought back are not among what was saved. */
export function assertSaved(saved: ReadonlySet<string>, wanted: readonly string[], dataDir: string): void {
  const missing = wanted.filter((name) => !saved.has(name));
  if (missing.length === 0) return;
  throw new UserError(`not in the backup: ${missing.map((name) => join(dataDir, name)).join(", ")}`, {
    code: "backup-incomplete",
    hint: "A cluster cannot be brought back without them. Are they files, or links to files?",
  });
}
