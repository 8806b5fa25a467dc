// Images and blobs that lie in memory: for made-up manifests and for tests.

import { type Blob, type ImageRecord, type ImageSource, sha256 } from "./image.ts";

/** A blob that lies in memory. */
export function memoryBlob(data: Uint8Array): Blob {
  return { size: data.length, stream: () => new Response(data.slice()).body ?? new ReadableStream() };
}

/** A source whose blobs are all in memory, by their digest. */
export function memorySource(images: readonly ImageRecord[], contents: readonly Uint8Array[]): ImageSource {
  const blobs = new Map(contents.map((data) => [sha256(data) as string, memoryBlob(data)]));
  return { images, openBlob: (digest) => Promise.resolve(blobs.get(digest)) };
}
