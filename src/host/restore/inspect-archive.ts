// Reads a backup from end to end before anything is written: one that is damaged, too large, or made to do harm is refused.

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { entryPath } from "../../oci/entry-path.ts";
import { UserError } from "../../std/errors.ts";
import { configName, isSavedPath, noteName } from "../backup/layout.ts";

export interface InspectedArchive {
  /** Paths of files. */
  readonly files: ReadonlySet<string>;
  /** Content of the few that decide about the restore. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of all files, unpacked. */
  readonly bytes: number;
  /** Entries that no backup has: they are not restored. */
  readonly unknown: readonly string[];
}

export interface ArchiveLimits {
  /** Unpacked. */
  readonly bytes: number;
  readonly entries: number;
}

const readNames: ReadonlySet<string> = new Set([configName, noteName, "pki/ca.crt", "cluster-facts.json"]);
const largestText = 4 << 20;
const deepest = 32;

/** Throws a UserError that says what is wrong with it. `shown` is its name for people. */
export async function inspectArchive(
  path: string,
  shown: string,
  limits: ArchiveLimits,
  signal: AbortSignal,
): Promise<InspectedArchive> {
  const found = {
    files: new Set<string>(),
    texts: new Map<string, string>(),
    bytes: 0,
    unknown: [] as string[],
  };
  const seen = { entries: 0 };
  try {
    const { readable, writable } = createTarDecoder({ strict: true });
    const reading = readEntries(readable);
    // Whichever side fails first is what is wrong; the other one only follows.
    const [fed, read] = await Promise.allSettled([feed(path, writable, signal), reading]);
    for (const side of [read, fed]) if (side.status === "rejected") throw side.reason;
  } catch (err) {
    if (err instanceof UserError || signal.aborted) throw err;
    throw new UserError(`${shown} is not a backup, or it is damaged`, {
      code: "backup-damaged",
      hint: "Nothing was written. A backup is what `k0s backup` has made: a tar archive, compressed with gzip.",
      cause: err,
    });
  }
  return found;

  async function readEntries(entries: ReadableStream<ParsedTarEntry>): Promise<void> {
    for await (const entry of entries) {
      signal.throwIfAborted();
      seen.entries += 1;
      if (seen.entries > limits.entries) throw tooLarge(shown, `more than ${limits.entries} files`);
      await readEntry(entry);
    }
  }

  async function readEntry({ header, body }: ParsedTarEntry): Promise<void> {
    const { type = "file", name } = header;
    const place = entryPath(name, shown);
    if (type !== "file" && type !== "directory")
      throw new UserError(`${shown} has a ${type} where only files belong: ${JSON.stringify(name)}`, {
        code: "archive-path",
        hint: "Nothing was written. `k0s backup` makes no such entries.",
      });
    if (place.split("/").length > deepest) throw tooLarge(shown, "folders too deep in each other");
    if (!isSavedPath(place)) found.unknown.push(place);
    const keeps = type === "file" && readNames.has(place);
    if (type === "file" && found.files.has(place))
      throw new UserError(`${shown} has two files of one name: ${JSON.stringify(place)}`, {
        code: "archive-path",
      });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of body) {
      size += piece.length;
      found.bytes += piece.length;
      if (found.bytes > limits.bytes) throw tooLarge(shown, "more than this disk has room for");
      if (keeps && size > largestText)
        throw tooLarge(shown, `${place} with more than ${largestText >> 20} MiB`);
      if (keeps) pieces.push(piece);
    }
    if (type === "file") found.files.add(place);
    if (keeps) found.texts.set(place, Buffer.concat(pieces).toString("utf8"));
  }
}

async function feed(path: string, tar: WritableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
  const writer = tar.getWriter();
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      async (pieces: AsyncIterable<Uint8Array>) => {
        for await (const piece of pieces) await writer.write(piece);
      },
      { signal },
    );
    await writer.close();
  } catch (err) {
    await Promise.allSettled([writer.abort(err)]);
    throw err;
  }
}

function tooLarge(shown: string, why: string): UserError {
  return new UserError(`${shown} is too large: it holds ${why}`, {
    code: "backup-too-large",
    hint: "Nothing was written.",
  });
}
