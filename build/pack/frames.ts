// Cuts the files of a part into frames.

import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { maxFrameBytes, type PayloadPart } from "../../src/payload/index-schema.ts";
import { type FrameContent, frameQueue } from "./compress-frame.ts";
import { goFrames } from "./go-forms.ts";
import type { PartTree } from "./part-tree.ts";

export interface CompressOptions {
  /** Where compressed frames are kept. */
  readonly store: string;
  readonly level: number;
  readonly signal: AbortSignal;
}

/** A part with the files that its frames lie in; its offset is known when the file is put together. */
export interface CompressedPart {
  readonly part: Omit<PayloadPart, "offset" | "crc32">;
  readonly framePaths: readonly string[];
}

export async function compressTree(tree: PartTree, options: CompressOptions): Promise<CompressedPart> {
  const queue = frameQueue(options.store, options.level, options.signal, tree.filter);
  const files = await readFiles(tree, queue.add);
  const done = await queue.done();
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
      frames: done.map(({ stored, raw, sha256, form }) => ({
        stored,
        raw,
        sha256,
        ...(form === undefined ? {} : { form }),
      })),
      files,
      links: [...tree.links],
      ...(tree.filter === undefined ? {} : { filter: tree.filter }),
      ...(tree.loader === undefined ? {} : { loader: tree.loader }),
    },
  };
}

/** Reads the files end to end; `flush` gets every full frame, those that have a form, and the rest at the end. */
async function readFiles(
  tree: PartTree,
  flush: (frame: FrameContent) => Promise<void>,
): Promise<PayloadPart["files"]> {
  const files: PayloadPart["files"] = [];
  let frame = new Uint8Array(maxFrameBytes);
  let used = 0;
  const flushPlain = async (): Promise<void> => {
    if (used === 0) return;
    await flush({ raw: frame.subarray(0, used) });
    frame = new Uint8Array(maxFrameBytes);
    used = 0;
  };
  /** To `end`, or to the end of the file. */
  const readPlain = async (file: FileHandle, content: Hash, start: number, end: number): Promise<number> => {
    for (let at = start; ;) {
      const wanted = Math.min(maxFrameBytes - used, end - at);
      const { bytesRead } = await file.read(frame, used, wanted, at);
      if (bytesRead === 0) return at;
      content.update(frame.subarray(used, used + bytesRead));
      at += bytesRead;
      used += bytesRead;
      if (used === maxFrameBytes) await flushPlain();
    }
  };
  for (const { path, source, mode, interpreter } of tree.files) {
    const file = await open(source, "r");
    const content = createHash("sha256");
    let size = 0;
    try {
      const go = tree.goTables === true ? await goFrames(file) : undefined;
      if (go !== undefined) {
        size = await readPlain(file, content, size, go.start);
        await flushPlain();
        for (const formed of go.frames) {
          content.update(formed.raw);
          size += formed.raw.length;
          await flush(formed);
        }
      }
      size = await readPlain(file, content, size, Number.MAX_SAFE_INTEGER);
    } finally {
      await file.close();
    }
    const place = interpreter === undefined ? {} : { interpreter: { ...interpreter } };
    files.push({ path, size, mode, sha256: content.digest("hex"), ...place });
  }
  await flushPlain();
  return files;
}

function hash(data: string): string {
  return createHash("sha256").update(data).digest("hex");
}
