// A backup as one compressed archive, never held as a whole.

import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { createTarPacker } from "modern-tar";
import { isNotFound, UserError } from "../../std/errors.ts";

export interface ArchiveEntry {
  readonly name: string;
  /** A file or directory on this host, or the content itself. */
  readonly from: { readonly path: string; readonly directory: boolean } | { readonly content: string };
}

type Entries = AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>;
type Tar = ReturnType<typeof createTarPacker>["controller"];

/** Writes the archive piece by piece; rejects when a file cannot be read whole. One that is gone is left out. */
export async function writeArchive(
  entries: Entries,
  write: (piece: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { readable, controller } = createTarPacker();
  const written = pipeline(
    readable,
    createGzip(),
    async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) await write(piece);
    },
    { signal },
  );
  const added = addEntries(entries, controller, signal).catch((err: unknown) => {
    controller.error(err);
    throw err;
  });
  // What has failed first is in both; the one that adds says it as it was.
  const [add, sent] = await Promise.allSettled([added, written]);
  signal.throwIfAborted();
  for (const side of [add, sent]) if (side.status === "rejected") throw side.reason;
}

async function addEntries(entries: Entries, tar: Tar, signal: AbortSignal): Promise<void> {
  for await (const { name, from } of entries) {
    signal.throwIfAborted();
    if ("content" in from) await addContent(tar, name, from.content);
    else await addPath(tar, name, from, signal);
  }
  tar.finalize();
}

async function addContent(tar: Tar, name: string, content: string): Promise<void> {
  const data = Buffer.from(content);
  const writer = tar
    .add({ name, size: data.length, mode: 0o600, mtime: new Date(), uid: 0, gid: 0 })
    .getWriter();
  await writer.write(data);
  await writer.close();
}

/** A directory is named alone: what is in it comes as entries of its own. A link to a file stands for that file. */
async function addPath(
  tar: Tar,
  name: string,
  { path, directory }: { readonly path: string; readonly directory: boolean },
  signal: AbortSignal,
): Promise<void> {
  const handle = await openIfThere(path);
  if (handle === undefined) return;
  await using file = handle;
  const { mode, uid, gid, mtime, size } = await file.stat();
  const header = { mode: mode & 0o7777, uid, gid, mtime };
  if (directory) return tar.add({ ...header, name: `${name}/`, type: "directory", size: 0 }).close();
  const writer = tar.add({ ...header, name, size }).getWriter();
  for await (const piece of exactly(file, size, path)) {
    signal.throwIfAborted();
    await writer.write(piece);
  }
  await writer.close();
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

const pieceBytes = 1 << 20;

/** So many bytes: what is written behind them meanwhile does not count. */
async function* exactly(file: FileHandle, size: number, path: string): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(pieceBytes, size - done)));
    if (bytesRead === 0)
      throw new UserError(`${path} became shorter while it was saved`, {
        code: "backup-changed",
        hint: "Nothing was kept of this backup. Run it again.",
      });
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
