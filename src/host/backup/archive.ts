// A backup as one compressed archive, never held as a whole.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { packTar, type TarSource } from "modern-tar/fs";

export interface ArchiveEntry {
  readonly name: string;
  /** A file or directory on this host, or the content itself. */
  readonly from: { readonly path: string; readonly directory: boolean } | { readonly content: string };
}

/** Writes the archive piece by piece; rejects when a file cannot be read whole. */
export async function writeArchive(
  entries: readonly ArchiveEntry[],
  write: (piece: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const sources = await Promise.all(entries.map(sourceOf));
  await pipeline(
    packTar(sources, {
      dereference: true,
      concurrency: 1,
      map: (header) => ({ ...header, uname: "", gname: "" }),
    }),
    createGzip(),
    async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) await write(piece);
    },
    { signal },
  );
}

/** A directory is named alone: what is in it comes as entries of its own. */
async function sourceOf({ name, from }: ArchiveEntry): Promise<TarSource> {
  if ("content" in from) return { type: "content", target: name, content: from.content, mode: 0o600 };
  const { mode, uid, gid, mtime, nlink, size } = await stat(from.path);
  if (!from.directory && (nlink < 2 || size === 0)) return { type: "file", source: from.path, target: name };
  const header = { mode: mode & 0o7777, uid, gid, mtime };
  // Not as a link to the other name: a restore takes no links.
  if (!from.directory)
    return { type: "stream", target: name, content: createReadStream(from.path), size, ...header };
  return { type: "content", target: `${name}/`, content: "", ...header };
}
