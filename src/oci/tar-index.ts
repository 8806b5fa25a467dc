// Where the files of a tar archive lie, found by seeking from header to header: a bundle of gigabytes need not be read
// to be opened. Understands ustar, pax and GNU names and sizes; a tar library would stream the whole file.

import type { FileHandle } from "node:fs/promises";
import { UserError } from "../std/errors.ts";
import { entryPath, linkTarget } from "./entry-path.ts";

export interface TarFile {
  readonly offset: number;
  readonly size: number;
}

const blockSize = 512;
/** Names, pax records: anything longer is not a bundle. */
const maxMetaBytes = 1 << 20;

/**
 * All regular files by their name, without a leading `./`; a link inside the archive (as `docker save` writes for a layer
 * that images share) stands for its file. Throws a UserError for an archive with names that lead out of it.
 */
export async function indexTar(
  file: FileHandle,
  source: string,
  signal: AbortSignal,
): Promise<Map<string, TarFile>> {
  const { size: archiveSize } = await file.stat();
  const files = new Map<string, TarFile>();
  const links = new Map<string, string>();
  let position = 0;
  let longName: string | undefined;
  let longTarget: string | undefined;
  let pax: ReadonlyMap<string, string> = new Map();
  while (position + blockSize <= archiveSize) {
    signal.throwIfAborted();
    const header = await readAt(file, position, blockSize, source);
    if (header.every((byte) => byte === 0)) return withLinks(files, links);
    if (!checksumMatches(header)) throw notTar(header, source, position);
    const type = String.fromCharCode(header[156] ?? 0);
    const offset = position + blockSize;
    const size = paxSize(pax) ?? numberField(header, 124, 12);
    // A negative one would lead back to a header that has been read, for ever.
    if (!Number.isSafeInteger(size) || size < 0) throw notTar(header, source, position);
    if (offset + size > archiveSize)
      throw new UserError(`${source} is cut short`, { code: "archive-truncated" });
    if (type === "x" || type === "g" || type === "L" || type === "K") {
      if (size > maxMetaBytes)
        throw new UserError(`${source} has an oversized tar header at byte ${position}`);
      const data = await readAt(file, offset, size, source);
      if (type === "L") longName = text(data);
      if (type === "K") longTarget = text(data);
      if (type === "x") pax = paxRecords(data);
    } else {
      const path = entryPath(pax.get("path") ?? longName ?? ustarName(header), source);
      if (type === "0" || type === "\0") files.set(path, { offset, size });
      if (type === hardLink || type === symbolicLink) {
        const target = pax.get("linkpath") ?? longTarget ?? text(header.subarray(157, 257));
        links.set(path, linkTarget({ path, target, symbolic: type === symbolicLink }, source));
      }
      longName = undefined;
      longTarget = undefined;
      pax = new Map();
    }
    position = offset + Math.ceil(size / blockSize) * blockSize;
  }
  if (position === 0) {
    const start = await readAt(file, 0, archiveSize, source);
    if (!mayBeginTar(start)) throw notTar(start, source, 0);
  }
  throw new UserError(`${source} is cut short`, { code: "archive-truncated" });
}

const hardLink = "1";
const symbolicLink = "2";
/** Longer chains of links are circles. */
const longestChain = 16;

function withLinks(files: Map<string, TarFile>, links: ReadonlyMap<string, string>): Map<string, TarFile> {
  for (const [path, target] of links) {
    let last = target;
    for (let step = 0; step < longestChain && !files.has(last); step += 1) last = links.get(last) ?? last;
    const found = files.get(last);
    if (found !== undefined) files.set(path, found);
  }
  return files;
}

const compressions: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

function notTar(header: Uint8Array, source: string, position: number): UserError {
  const compression = compressionOf(header);
  if (position > 0 || compression === undefined)
    return new UserError(`${source} is not a tar archive, or it is damaged at byte ${position}`);
  return new UserError(`${source} is compressed with ${compression}: only a plain tar archive is read`);
}

function compressionOf(start: Uint8Array): string | undefined {
  return compressions.find(([, magic]) => magic.every((byte, index) => start[index] === byte))?.[0];
}

/** Of a file that is shorter than a header: NULs fill the place that a name leaves. */
function mayBeginTar(start: Uint8Array): boolean {
  return start.length === 0 || (start.includes(0) && compressionOf(start) === undefined);
}

async function readAt(
  file: FileHandle,
  position: number,
  length: number,
  source: string,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new UserError(`${source} is cut short`, { code: "archive-truncated" });
  return buffer;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function ustarName(header: Uint8Array): string {
  const name = text(header.subarray(0, 100));
  const posix = text(header.subarray(257, 263)) === "ustar" && header[262] === 0;
  const prefix = posix ? text(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Octal, or base 256 when the first bit is set (GNU). */
function numberField(header: Uint8Array, start: number, length: number): number {
  const field = header.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(text(field).trim() || "0", 8);
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x7f);
}

/** Not a number unless it is written in decimal digits alone. */
function paxSize(pax: ReadonlyMap<string, string>): number | undefined {
  const text = pax.get("size");
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function checksumMatches(header: Uint8Array): boolean {
  const blanked = header.slice().fill(0x20, 148, 156);
  return blanked.reduce((sum, byte) => sum + byte, 0) === numberField(header, 148, 8);
}

function paxRecords(data: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  let position = 0;
  while (position < data.length) {
    const space = data.indexOf(0x20, position);
    const length = Number.parseInt(new TextDecoder().decode(data.subarray(position, space)), 10);
    if (space === -1 || !(length > 0)) break;
    const record = new TextDecoder().decode(data.subarray(space + 1, position + length - 1));
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    position += length;
  }
  return records;
}
