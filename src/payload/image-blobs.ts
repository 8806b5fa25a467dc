// Blobs of the system images: they lie in the file as they go into containerd's store, once each, found by digest.

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { PayloadBlob } from "./index-schema.ts";
import { damagedFile } from "./trailer.ts";

const chunkBytes = 1024 * 1024;

export interface PayloadBlobStream {
  readonly size: number;
  /** The content; errors at its end if it does not have the digest that it is named by. */
  stream(): ReadableStream<Uint8Array>;
}

export function openBlob(file: FileHandle, blob: PayloadBlob): PayloadBlobStream {
  return { size: blob.size, stream: () => blobStream(file, blob) };
}

function blobStream(file: FileHandle, blob: PayloadBlob): ReadableStream<Uint8Array> {
  const hash = createHash("sha256");
  let done = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const wanted = Math.min(chunkBytes, blob.size - done);
        const chunk = new Uint8Array(wanted);
        const { bytesRead } = await file.read(chunk, 0, wanted, blob.offset + done);
        if (bytesRead === 0 && wanted > 0) {
          controller.error(damagedFile(`image blob ${blob.digest}`, "the file ends inside of it"));
          return;
        }
        const read = chunk.subarray(0, bytesRead);
        hash.update(read);
        done += bytesRead;
        const last = done === blob.size;
        // The consumer gets the last bytes only when all of them are right.
        if (last && `sha256:${hash.digest("hex")}` !== blob.digest) {
          controller.error(
            damagedFile(`image blob ${blob.digest}`, "its SHA-256 is not the one in the index"),
          );
          return;
        }
        if (bytesRead > 0) controller.enqueue(read);
        if (last) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
