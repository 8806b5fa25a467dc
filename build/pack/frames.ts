// Cuts a part into frames and compresses each; a frame is kept in the cache by the hash of its content, so that a
// changed program costs only its changed frames.

import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { maxFrameBytes, type PayloadPart } from "../../src/payload/index-schema.ts";
import { isNotFound } from "../../src/std/errors.ts";
import type { PartTree } from "./part-tree.ts";

export interface CompressOptions {
  /** Where compressed frames are kept. */
  readonly store: string;
  readonly level: number;
  readonly signal: AbortSignal;
}

/** A part with the files that its frames lie in; its offset is known when the file is put together. */
export interface CompressedPart {
  readonly part: Omit<PayloadPart, "offset">;
  readonly framePaths: readonly string[];
}

interface Frame {
  readonly path: string;
  readonly stored: number;
  readonly raw: number;
  readonly sha256: string;
}

/** Frames are compressed on two threads: one waits for the disk now and then. */
const concurrency = 2;

export async function compressTree(tree: PartTree, options: CompressOptions): Promise<CompressedPart> {
  const frames: Promise<Frame>[] = [];
  const running = new Set<Promise<unknown>>();
  const flush = async (raw: Uint8Array): Promise<void> => {
    options.signal.throwIfAborted();
    const frame = compressFrame(raw, options);
    frames.push(frame);
    // A failure is thrown where the frames are collected, below.
    const settled = frame.catch(() => undefined).finally(() => running.delete(settled));
    running.add(settled);
    if (running.size >= concurrency) await Promise.race(running);
  };
  const files = await readFiles(tree, flush);
  const done = await Promise.all(frames);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return {
    framePaths: done.map((frame) => frame.path),
    part: {
      name: tree.name,
      kind: tree.kind,
      version: tree.version,
      sha256: hash(JSON.stringify([files, tree.links, tree.loader ?? ""])),
      size,
      stored: done.reduce((sum, frame) => sum + frame.stored, 0),
      frames: done.map(({ stored, raw, sha256 }) => ({ stored, raw, sha256 })),
      files,
      links: [...tree.links],
      ...(tree.loader === undefined ? {} : { loader: tree.loader }),
    },
  };
}

/** Reads the files end to end; `flush` gets every full frame, and the rest at the end. */
async function readFiles(
  tree: PartTree,
  flush: (raw: Uint8Array) => Promise<void>,
): Promise<PayloadPart["files"]> {
  const files: PayloadPart["files"] = [];
  let frame = new Uint8Array(maxFrameBytes);
  let used = 0;
  for (const { path, source, mode, interpreter } of tree.files) {
    const file = await open(source, "r");
    const content = createHash("sha256");
    let size = 0;
    try {
      for (;;) {
        const { bytesRead } = await file.read(frame, used, maxFrameBytes - used, size);
        if (bytesRead === 0) break;
        content.update(frame.subarray(used, used + bytesRead));
        size += bytesRead;
        used += bytesRead;
        if (used < maxFrameBytes) continue;
        await flush(frame);
        frame = new Uint8Array(maxFrameBytes);
        used = 0;
      }
    } finally {
      await file.close();
    }
    const place = interpreter === undefined ? {} : { interpreter: { ...interpreter } };
    files.push({ path, size, mode, sha256: content.digest("hex"), ...place });
  }
  if (used > 0) await flush(frame.subarray(0, used));
  return files;
}

async function compressFrame(raw: Uint8Array, { store, level }: CompressOptions): Promise<Frame> {
  const sha256 = hash(raw);
  const dir = join(store, String(level), sha256.slice(0, 2));
  const path = join(dir, `${sha256}.zst`);
  const known = await sizeOf(path);
  if (known !== undefined) {
    await utimes(path, new Date(), new Date());
    return { path, stored: known, raw: raw.length, sha256 };
  }
  const compressed = await Bun.zstdCompress(raw, { level });
  await mkdir(dir, { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, compressed);
  await rename(partial, path);
  return { path, stored: compressed.length, raw: raw.length, sha256 };
}

const unusedDays = 14;

/** Removes frames that no build has used for two weeks. */
export async function pruneFrames(store: string, now = Date.now()): Promise<void> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true }).catch((err: unknown) => {
    if (isNotFound(err)) return [];
    throw err;
  });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (now - (await stat(path)).mtimeMs > unusedDays * 24 * 3600 * 1000) await rm(path, { force: true });
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

function hash(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
