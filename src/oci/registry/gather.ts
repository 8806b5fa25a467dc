// The images of a bundle from registries, everything of them fetched, so that an archive can be written of it.

import { workInParallel } from "../../std/parallel.ts";
import type { Descriptor, ImageRecord, ImageSource } from "../image.ts";
import { memoryBlob } from "../memory-source.ts";
import type { Platform } from "../platform.ts";
import type { BlobStore } from "./blob-store.ts";
import type { RegistryClient } from "./client.ts";
import { type ImageName, imageNameText, namesInBundle } from "./image-name.ts";
import { type ResolvedImage, resolveImage } from "./resolve-image.ts";

export interface GatherOptions {
  readonly names: readonly ImageName[];
  readonly platforms: readonly Platform[];
  readonly client: RegistryClient;
  readonly store: BlobStore;
  /** Requests in flight at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called for what has been found out, and for each blob that has been fetched. */
  readonly tell: (text: string) => void;
}

/** In the order of the names, however many requests are made at once. */
export async function gatherImages(options: GatherOptions): Promise<ImageSource> {
  const { names, platforms, client, store, concurrency, signal, tell } = options;
  const resolved = await workInParallel(names, concurrency, signal, async (name, either) => {
    const image = await resolveImage(client, name, platforms, either);
    tell(`${imageNameText(name)} is ${image.target.digest}`);
    return image;
  });
  const blobs = new Map<string, { name: ImageName; blob: Descriptor }>();
  for (const { name, blobs: wanted } of resolved)
    for (const blob of wanted) if (!blobs.has(blob.digest)) blobs.set(blob.digest, { name, blob });
  await workInParallel([...blobs.values()], concurrency, signal, async ({ name, blob }, either) => {
    await store.fetch(client, name, blob, either);
    tell(`${blob.digest} is there, ${blob.size} bytes`);
  });
  const manifests = new Map(resolved.flatMap((image) => [...image.manifests]));
  return {
    images: resolved.flatMap(recordsOf),
    openBlob: async (digest) => {
      const manifest = manifests.get(digest);
      return manifest === undefined ? store.open(digest) : memoryBlob(manifest);
    },
  };
}

function recordsOf({ name, target, manifests, blobs }: ResolvedImage): ImageRecord[] {
  const digests = [...manifests.keys(), ...blobs.map(({ digest }) => digest)];
  return namesInBundle(name).map((ref) => ({
    ref,
    manifestDigest: target.digest,
    mediaType: target.mediaType,
    blobs: digests,
  }));
}
