// Layers, configurations and manifests by digest in the build cache; a layer is looked up by what it is made of, so that
// nothing is packed twice.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Digest, sha256 } from "../../src/oci/image.ts";
import { compressionLevel, frameQueue, frameStore } from "../pack/compress-frame.ts";
import { tarFrames } from "../pack/tar-frames.ts";
import { layerTar, type TreeEntry } from "./layer-tar.ts";

export interface BuiltLayer {
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
  /** Digest of the tar before compression. */
  readonly diffId: Digest;
}

/** Raise it when the way of packing changes. */
const recipe = "frames-1";

const recordSchema = z.object({ digest: z.string(), diffId: z.string(), size: z.number() });

export function blobPath(store: string, digest: string): string {
  return join(store, "blobs", digest.replace(":", "-"));
}

/** `key` names everything that shapes the layer's bytes. */
export async function ensureLayer(
  cache: string,
  store: string,
  name: string,
  key: string,
  entries: () => Promise<readonly TreeEntry[]>,
  signal: AbortSignal,
): Promise<BuiltLayer> {
  const recordPath = join(
    store,
    "layers",
    `${sha256(JSON.stringify([recipe, compressionLevel(), key])).slice(7, 39)}.json`,
  );
  if (existsSync(recordPath)) {
    const record = recordSchema.parse(JSON.parse(await readFile(recordPath, "utf8")));
    const built = {
      name,
      digest: record.digest as Digest,
      diffId: record.diffId as Digest,
      size: record.size,
    };
    if (existsSync(blobPath(store, built.digest))) return built;
  }
  const built = { name, ...(await packLayer(cache, store, await entries(), signal)) };
  await writeDurably(
    recordPath,
    JSON.stringify({ digest: built.digest, diffId: built.diffId, size: built.size }),
  );
  return built;
}

async function packLayer(
  cache: string,
  store: string,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<Omit<BuiltLayer, "name">> {
  const temporary = join(store, "blobs", `.${process.pid}-${crypto.randomUUID()}`);
  await mkdir(join(store, "blobs"), { recursive: true });
  const plain = createHash("sha256");
  const packed = createHash("sha256");
  const queue = frameQueue(frameStore(cache), compressionLevel(), signal);
  for await (const raw of tarFrames(layerTar(entries))) {
    plain.update(raw);
    await queue.add({ raw });
  }
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      for (const frame of await queue.done()) {
        const bytes = await readFile(frame.path);
        packed.update(bytes);
        await file.writeFile(bytes);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const digest: Digest = `sha256:${packed.digest("hex")}`;
    await rename(temporary, blobPath(store, digest));
    return {
      digest,
      diffId: `sha256:${plain.digest("hex")}`,
      size: (await stat(blobPath(store, digest))).size,
    };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A small blob, named by its digest. */
export async function storeJson(store: string, value: unknown): Promise<{ digest: Digest; size: number }> {
  const data = new TextEncoder().encode(JSON.stringify(value));
  const digest = sha256(data);
  if (!existsSync(blobPath(store, digest))) await writeDurably(blobPath(store, digest), data);
  return { digest, size: data.length };
}

async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await writeFile(temporary, data, { flush: true });
  await rename(temporary, path);
}
