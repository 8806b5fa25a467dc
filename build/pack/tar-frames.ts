// Cuts a tar into frames so that each large file starts and ends one: the frames of a program are then the same in an image
// layer as in a component, and the k0s file needs them once. Frames in a row are a zstd stream like any other.

import { maxFrameBytes } from "../../src/payload/index-schema.ts";

const blockBytes = 512;
/** Smaller files share frames. */
const largeFileBytes = 1 << 20;

export async function* tarFrames(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(blockBytes);
  let headerUsed = 0;
  let content = 0;
  let padding = 0;
  let large = false;
  let frame = new Uint8Array(maxFrameBytes);
  let used = 0;
  const take = (): Uint8Array => {
    const full = frame.subarray(0, used);
    frame = new Uint8Array(maxFrameBytes);
    used = 0;
    return full;
  };
  for await (const chunk of tar) {
    for (let at = 0; at < chunk.length;) {
      const wanted = content > 0 ? content : padding > 0 ? padding : blockBytes - headerUsed;
      const piece = chunk.subarray(at, at + Math.min(wanted, maxFrameBytes - used));
      frame.set(piece, used);
      used += piece.length;
      at += piece.length;
      if (content > 0) {
        content -= piece.length;
        if (used === maxFrameBytes || (content === 0 && large)) yield take();
        continue;
      }
      if (padding > 0) {
        padding -= piece.length;
      } else {
        header.set(piece, headerUsed);
        headerUsed += piece.length;
        if (headerUsed === blockBytes) {
          headerUsed = 0;
          content = entrySize(header);
          padding = (blockBytes - (content % blockBytes)) % blockBytes;
          large = content >= largeFileBytes;
        }
      }
      if (used > 0 && (used === maxFrameBytes || (large && content > 0))) yield take();
    }
  }
  if (used > 0) yield take();
}

/** The size field: octal, ended by a space or NUL. */
function entrySize(header: Buffer): number {
  const text = header.toString("latin1", 124, 136).replace(/[\0 ].*$/s, "");
  return text === "" ? 0 : Number.parseInt(text, 8);
}
