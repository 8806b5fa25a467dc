// An OCI archive (image layout in a tar) as a stream, for `ctr images import -` and for bundle files. Byte-for-byte
// reproducible: entries in order of digest, no times, no owners. Upstream: pkg/airgap/ociartifactsbundler.go.

import { createTarPacker } from "modern-tar";
import { chartAnnotations, type ChartRecord } from "./chart-record.ts";
import type { Blob, Descriptor, ImageRecord, ImageSource } from "./image.ts";
import { mediaTypes } from "./media-types.ts";

const epoch = new Date(0);
const blobMode = 0o444;

export interface ImageTarOptions {
  readonly images: readonly ImageRecord[];
  /** Helm charts beside them. */
  readonly charts?: readonly ChartRecord[];
  readonly openBlob: ImageSource["openBlob"];
  readonly signal?: AbortSignal;
}

/** The archive of the given images; a blob shared by several of them is written once. */
export function imageTarStream(options: ImageTarOptions): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  writeArchive(options, controller).catch((err: unknown) => {
    controller.error(err instanceof Error ? err : new Error(String(err)));
  });
  return readable;
}

type TarController = ReturnType<typeof createTarPacker>["controller"];

async function writeArchive(options: ImageTarOptions, tar: TarController): Promise<void> {
  const { images, charts = [] } = options;
  const blobs = new Map<string, Blob>();
  for (const digest of new Set([...images, ...charts].flatMap((one) => one.blobs))) {
    options.signal?.throwIfAborted();
    const blob = await options.openBlob(digest);
    if (blob !== undefined) blobs.set(digest, blob);
  }
  await addText(tar, "oci-layout", `{"imageLayoutVersion":"1.0.0"}`, 0o444);
  await addText(tar, "index.json", JSON.stringify(archiveIndex(images, charts, blobs)), 0o644);
  await addDirectory(tar, "blobs/");
  await addDirectory(tar, "blobs/sha256/");
  for (const [digest, blob] of [...blobs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    options.signal?.throwIfAborted();
    const name = `blobs/${digest.replace(":", "/")}`;
    await blob.stream().pipeTo(tar.add({ name, size: blob.size, mode: blobMode, mtime: epoch }));
  }
  tar.finalize();
}

function archiveIndex(
  images: readonly ImageRecord[],
  charts: readonly ChartRecord[],
  blobs: ReadonlyMap<string, Blob>,
): object {
  const describe = (ref: string, digest: string, mediaType: string | undefined): Descriptor => {
    const blob = blobs.get(digest);
    if (blob === undefined) throw new Error(`the manifest of ${ref} is missing: ${digest}`);
    return {
      mediaType: mediaType ?? mediaTypes.manifest,
      digest: digest as Descriptor["digest"],
      size: blob.size,
    };
  };
  const manifests: Descriptor[] = [
    ...images.map(({ ref, manifestDigest, mediaType }) => ({
      ...describe(ref, manifestDigest, mediaType),
      annotations: { "io.containerd.image.name": ref, "org.opencontainers.image.ref.name": ref },
    })),
    ...charts.map((chart) => ({
      ...describe(chart.name, chart.manifestDigest, undefined),
      annotations: chartAnnotations(chart),
    })),
  ];
  return { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
}

async function addText(tar: TarController, name: string, text: string, mode: number): Promise<void> {
  const data = new TextEncoder().encode(text);
  const writer = tar.add({ name, size: data.length, mode, mtime: epoch }).getWriter();
  await writer.write(data);
  await writer.close();
}

async function addDirectory(tar: TarController, name: string): Promise<void> {
  await tar.add({ name, size: 0, type: "directory", mode: 0o755, mtime: epoch }).close();
}
