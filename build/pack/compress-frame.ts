// Compresses one frame; it is kept in the cache by the hash of its content, so that a changed program costs only its
// changed frames, and what is both in a component and in an image has the same bytes in both.

import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FrameForm } from "../../src/payload/index-schema.ts";
import { isNotFound } from "../../src/std/errors.ts";
import { sha256 } from "../components/content-hash.ts";
import { markUsed } from "../prune-unused.ts";
import { filterX86 } from "./x86-filter.ts";
import { partialName } from "../partial-name.ts";

export interface FrameContent {
  readonly raw: Uint8Array;
  /** Set with `formed`, which is compressed instead. */
  readonly form?: FrameForm;
  readonly formed?: Uint8Array;
}

export interface Frame {
  readonly path: string;
  readonly stored: number;
  readonly raw: number;
  /** Of the raw bytes. */
  readonly sha256: string;
  readonly form?: FrameForm;
}

const bestLevel = 22;

/** K0S_BUILD_BEST=1 compresses as well as zstd can, for what is published: minutes instead of seconds. */
export function compressionLevel(env: Readonly<Record<string, string | undefined>> = process.env): number {
  return env["K0S_BUILD_BEST"] === "1" ? bestLevel : 3;
}

/** What is noted beside the file: a release takes none that was compressed quickly. */
export function notedLevel(level: number): string {
  return level === bestLevel ? "" : ", compressed quickly";
}

export function frameStore(cache: string): string {
  return join(cache, "frames");
}

export async function compressFrame(
  { raw, form, formed }: FrameContent,
  store: string,
  level: number,
  filter?: "x86-64",
): Promise<Frame> {
  const digest = sha256(raw);
  const dir = join(store, String(level), digest.slice(0, 2));
  const path = join(dir, `${digest}${suffixOf(form, formed, filter)}.zst`);
  const frame = { path, raw: raw.length, sha256: digest, ...(form === undefined ? {} : { form }) };
  const known = await sizeOf(path);
  if (known !== undefined) {
    await markUsed(path);
    return { ...frame, stored: known };
  }
  const compressed = await Bun.zstdCompress(formed ?? filtered(raw, filter), { level });
  await mkdir(dir, { recursive: true });
  const partial = partialName(path);
  await writeFile(partial, compressed, { flush: true });
  await rename(partial, path);
  return { ...frame, stored: compressed.length };
}

/** How the bytes were formed may change with the code; what came of it is in the name. */
function suffixOf(form: FrameForm | undefined, formed: Uint8Array | undefined, filter?: "x86-64"): string {
  if (form !== undefined && formed !== undefined) return `.${form}-${sha256(formed).slice(0, 16)}`;
  return filter === undefined ? "" : `.${filter}`;
}

/** Collects frames in order while two are being compressed. */
export function frameQueue(store: string, level: number, signal: AbortSignal, filter?: "x86-64") {
  const frames: Promise<Frame>[] = [];
  const running = new Set<Promise<unknown>>();
  return {
    add: async (content: FrameContent): Promise<void> => {
      signal.throwIfAborted();
      const frame = compressFrame(content, store, level, filter);
      frames.push(frame);
      // A failure is thrown where the frames are collected.
      // words: done() throws it.
      const settled = frame.catch(() => undefined).finally(() => running.delete(settled));
      running.add(settled);
      if (running.size >= 2) await Promise.race(running);
    },
    done: (): Promise<readonly Frame[]> => Promise.all(frames),
  };
}

function filtered(raw: Uint8Array, filter?: "x86-64"): Uint8Array {
  if (filter === undefined) return raw;
  const copy = raw.slice();
  filterX86(copy);
  return copy;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
