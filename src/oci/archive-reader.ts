// A bundle file as a source of images: an OCI image layout in a tar, or a Docker archive (`docker save`).
// Upstream: pkg/component/worker/ocibundle.go.

import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { UserError } from "../std/errors.ts";
import { chartOf, type ChartRecord } from "./chart-record.ts";
import { dockerArchiveImages } from "./docker-archive.ts";
import {
  type Blob,
  type Descriptor,
  type ImageRecord,
  type ImageSource,
  indexSchema,
  manifestSchema,
} from "./image.ts";
import { maxJsonBytes, parseJson, readJsonBlob } from "./json-blob.ts";
import { isIndexType, isManifestType } from "./media-types.ts";
import { indexTar, type TarFile } from "./tar-index.ts";

const chunkBytes = 1 << 20;

export interface ImageArchive extends ImageSource, AsyncDisposable {
  /** Helm charts that lie beside the images. */
  readonly charts: readonly ChartRecord[];
}

/** Opens a bundle file; blobs are read from it by offset, when asked for. */
export async function openImageArchive(path: string, signal: AbortSignal): Promise<ImageArchive> {
  const file = await open(path, "r");
  try {
    const files = await indexTar(file, path, signal);
    const source = await readArchive(file, files, path, signal);
    return { ...source, [Symbol.asyncDispose]: () => file.close() };
  } catch (err) {
    await file.close();
    throw err;
  }
}

async function readArchive(
  file: FileHandle,
  files: ReadonlyMap<string, TarFile>,
  path: string,
  signal: AbortSignal,
): Promise<Omit<ImageArchive, keyof AsyncDisposable>> {
  const index = files.get("index.json");
  if (index !== undefined) {
    const openBlob = (digest: string): Promise<Blob | undefined> => {
      const entry = files.get(`blobs/${digest.replace(":", "/")}`);
      return Promise.resolve(entry === undefined ? undefined : fileBlob(file, entry));
    };
    const what = `index.json of ${path}`;
    const { manifests } = parseJson(await readSmall(fileBlob(file, index), what), indexSchema, what);
    const charts = manifests.flatMap((descriptor) => chartOf(descriptor) ?? []);
    return { images: await namedImages(manifests, { images: [], openBlob }, signal), charts, openBlob };
  }
  const manifest = files.get("manifest.json");
  if (manifest === undefined) {
    throw new UserError(`${path} is no image archive: it has neither index.json nor manifest.json`);
  }
  const source = await dockerArchiveImages({
    path,
    manifest: await readSmall(fileBlob(file, manifest), `manifest.json of ${path}`),
    openFile: (name) => {
      const entry = files.get(name);
      return entry === undefined ? undefined : fileBlob(file, entry);
    },
    signal,
  });
  return { ...source, charts: [] };
}

/** containerd's rule: its own annotation names the image, else the OCI one as it stands; unnamed manifests are skipped. */
async function namedImages(
  manifests: readonly Descriptor[],
  source: ImageSource,
  signal: AbortSignal,
): Promise<ImageRecord[]> {
  const images: ImageRecord[] = [];
  for (const descriptor of manifests) {
    const ref =
      descriptor.annotations?.["io.containerd.image.name"] ??
      descriptor.annotations?.["org.opencontainers.image.ref.name"];
    if (ref === undefined || ref === "") continue;
    const blobs = [...(await reachableBlobs(descriptor, source, signal))];
    images.push({ ref, manifestDigest: descriptor.digest, mediaType: descriptor.mediaType, blobs });
  }
  return images;
}

/** Every blob below `root` that the source holds. */
async function reachableBlobs(
  root: Descriptor,
  source: ImageSource,
  signal: AbortSignal,
  seen = new Set<string>(),
): Promise<Set<string>> {
  signal.throwIfAborted();
  if (seen.has(root.digest)) return seen;
  if ((await source.openBlob(root.digest)) === undefined) return seen;
  seen.add(root.digest);
  if (isIndexType(root.mediaType)) {
    const { manifests } = await readJsonBlob(source, root.digest, indexSchema);
    for (const child of manifests) await reachableBlobs(child, source, signal, seen);
  } else if (isManifestType(root.mediaType)) {
    const { config, layers } = await readJsonBlob(source, root.digest, manifestSchema);
    for (const child of [config, ...layers]) await reachableBlobs(child, source, signal, seen);
  }
  return seen;
}

/** A range of an open file as a blob. */
export function fileBlob(file: FileHandle, range: TarFile): Blob {
  return {
    size: range.size,
    stream: () => {
      let done = 0;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const buffer = new Uint8Array(Math.min(chunkBytes, range.size - done));
            const { bytesRead } =
              buffer.length === 0
                ? { bytesRead: 0 }
                : await file.read(buffer, 0, buffer.length, range.offset + done);
            if (bytesRead === 0 && done < range.size)
              throw new UserError("the image archive was cut short while it was read");
            done += bytesRead;
            if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
            if (done >= range.size) controller.close();
          },
        },
        { highWaterMark: 1 },
      );
    },
  };
}

async function readSmall(blob: Blob, what: string): Promise<Uint8Array> {
  if (blob.size > maxJsonBytes)
    throw new UserError(`${what} is too large: ${blob.size} bytes`, { code: "archive-json" });
  return new Uint8Array(await new Response(blob.stream()).arrayBuffer());
}
