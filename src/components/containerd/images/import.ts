// Images from a source into containerd: plan what is missing, upload, unpack, name and pin. In the order given, several
// at once, layers that images share only once. Uses one connection where `ctr images import` uses a process for each file.

import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Image } from "../../../proto/containerd/services/images/v1/images_pb.js";
import type { ImageRecord, ImageSource } from "../../../oci/image.ts";
import { isGrpcAlreadyExists, isGrpcNotFound } from "../../../std/grpc.ts";
import type { Logger } from "../../../std/log.ts";
import type { ContainerdClient } from "../client.ts";
import {
  type ContentBlob,
  type ContentsOptions,
  type ImageContents,
  imageContents,
  type ImageLayer,
} from "./contents.ts";
import { hasSnapshot, unpackLayer } from "./unpack-layer.ts";
import { type ContentPlace, placeBlob } from "./place-blob.ts";
import { labelsWithClaim } from "./unpin.ts";
import { hasBlob, uploadBlob } from "./upload-blob.ts";

export interface ImportOptions {
  readonly client: ContainerdClient;
  readonly source: ImageSource;
  /** What to import, most urgent first; default: everything. */
  readonly images?: readonly ImageRecord[];
  /** Besides the one that pins the image. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Keep the packed layers in containerd, too; only worth it when the source may vanish. Default false. */
  readonly keepLayers?: boolean;
  /** Where this containerd keeps its content, for a source that verifies what it gives. Left out, everything goes through its API. */
  readonly place?: ContentPlace;
  /** Images in flight at once; default 3. */
  readonly concurrency?: number;
  /** Called once for each image, as soon as pods can use it. */
  readonly onImported?: (image: ImageRecord, result: "imported" | "present" | "other-platform") => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const snapshotter = "overlayfs";
/** Smaller ones are a message. */
const leastPlacedBytes = 48 * 1024;
const leaseLifetimeMs = 60 * 60 * 1000;
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** What an import on this machine takes of an image. */
export function importContents({ keepLayers }: Pick<ContentsOptions, "keepLayers">): ContentsOptions {
  return { architecture: architectures[process.arch] ?? process.arch, snapshotter, keepLayers };
}

interface Import extends ImportOptions {
  readonly lease: string;
  /** By digest or chain ID: what another image of this import is working on. */
  readonly inFlight: Map<string, Promise<void>>;
  readonly upload: { last: Promise<void> };
}

/** Resolves when all images are usable; the first failure ends the import. */
export async function importImages(options: ImportOptions): Promise<void> {
  const { client, signal } = options;
  const started = performance.now();
  const lease = await createLease(client, signal);
  try {
    const work: Import = { ...options, lease, inFlight: new Map(), upload: { last: Promise.resolve() } };
    const queue = [...(options.images ?? options.source.images)];
    await Promise.all(Array.from({ length: options.concurrency ?? 3 }, () => drainQueue(work, queue)));
  } finally {
    // Not awaited by garbage collection, and harmless if it fails: the lease ends by itself.
    await client.leases.delete({ id: lease }).catch((err: unknown) => {
      options.log.warn("A lease of containerd could not be deleted", { err, lease });
    });
  }
  options.log.debug("Images are imported", { ms: Math.round(performance.now() - started) });
}

async function drainQueue(work: Import, queue: ImageRecord[]): Promise<void> {
  for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
    work.signal.throwIfAborted();
    try {
      // On a line of its own: an absent callback would skip the evaluation of its arguments.
      const result = await importImage(work, image);
      work.onImported?.(image, result);
    } catch (err) {
      queue.length = 0;
      throw err;
    }
  }
}

async function importImage(
  work: Import,
  image: ImageRecord,
): Promise<"imported" | "present" | "other-platform"> {
  const { client, keepLayers = false, signal } = work;
  const contents = await imageContents(work.source, image, importContents({ keepLayers }));
  if (contents === undefined) return "other-platform";
  const current = await currentImage(client, image.ref, signal);
  const labels = labelsWithClaim(current?.labels ?? {}, work.labels ?? {});
  if (current?.target?.digest === contents.target.digest && (await isUnpacked(work, contents))) {
    if (!sameLabels(current.labels, labels)) await nameImage(work, contents, labels, { exists: true });
    return "present";
  }
  await unpackImage(work, contents);
  for (const blob of contents.metadata) await ensureBlob(work, blob);
  await nameImage(work, contents, labels, { exists: current !== undefined });
  work.log.debug("Image is imported", { image: image.ref });
  return "imported";
}

async function isUnpacked(work: Import, contents: ImageContents): Promise<boolean> {
  const top = contents.layers.at(-1);
  return top === undefined || hasSnapshot(work.client, top.chainId, { snapshotter, signal: work.signal });
}

/** Layers from the bottom up; the next one is uploaded while one is unpacked. */
async function unpackImage(work: Import, contents: ImageContents): Promise<void> {
  const { layers } = contents;
  let parent = "";
  let next = layers[0] === undefined ? Promise.resolve() : prepareLayer(work, layers[0]);
  for (const [index, layer] of layers.entries()) {
    await next;
    const following = layers[index + 1];
    next = following === undefined ? Promise.resolve() : prepareLayer(work, following);
    // A failure of the next upload is thrown by the next round, or is moot.
    next.catch(() => undefined);
    await ensureSnapshot(work, layer, parent);
    parent = layer.chainId;
  }
}

async function prepareLayer(work: Import, layer: ImageLayer): Promise<void> {
  if (
    work.keepLayers !== true &&
    (await hasSnapshot(work.client, layer.chainId, { snapshotter, signal: work.signal }))
  )
    return;
  await ensureBlob(work, {
    descriptor: layer.descriptor,
    labels: { "containerd.io/uncompressed": layer.diffId },
  });
}

function ensureSnapshot(work: Import, layer: ImageLayer, parent: string): Promise<void> {
  return once(work, `snapshot ${layer.chainId}`, async () => {
    if (await hasSnapshot(work.client, layer.chainId, { snapshotter, signal: work.signal })) return;
    await unpackLayer(work.client, layer, parent, { snapshotter, lease: work.lease, signal: work.signal });
  });
}

function ensureBlob(work: Import, content: ContentBlob): Promise<void> {
  const { digest } = content.descriptor;
  return once(work, `blob ${digest}`, async () => {
    if (await hasBlob(work.client, digest, work.signal)) {
      await adoptBlob(work, content);
      return;
    }
    const blob = await work.source.openBlob(digest);
    if (blob === undefined) throw new Error(`the image source lacks blob ${digest}`);
    if (work.place !== undefined && blob.size > leastPlacedBytes)
      await placeBlob(work.place, digest, blob, work.signal);
    await oneAtATime(work, () =>
      uploadBlob(work.client, content, blob, { lease: work.lease, signal: work.signal }),
    );
  });
}

/** Uploads share the connection's flow-control window; unpacking, which takes longer, goes on beside them. */
function oneAtATime(work: Import, task: () => Promise<void>): Promise<void> {
  const turn = work.upload.last.then(task);
  work.upload.last = turn.catch(() => undefined);
  return turn;
}

/** Content that is already there may be about to be collected: put it under our lease and give it our labels. */
async function adoptBlob(
  { client, lease, signal }: Import,
  { descriptor, labels }: ContentBlob,
): Promise<void> {
  await client.leases.addResource(
    { id: lease, resource: { id: descriptor.digest, type: "content" } },
    { signal },
  );
  const updateMask = { paths: Object.keys(labels).map((label) => `labels.${label}`) };
  if (updateMask.paths.length === 0) return;
  await client.content.update(
    { info: { digest: descriptor.digest, labels: { ...labels } }, updateMask },
    { signal },
  );
}

function once(work: Import, key: string, task: () => Promise<void>): Promise<void> {
  const running = work.inFlight.get(key) ?? task();
  work.inFlight.set(key, running);
  return running;
}

async function currentImage(
  client: ContainerdClient,
  name: string,
  signal: AbortSignal,
): Promise<Image | undefined> {
  try {
    return (await client.images.get({ name }, { signal })).image;
  } catch (err) {
    if (isGrpcNotFound(err)) return undefined;
    throw err;
  }
}

async function nameImage(
  { client, lease, signal }: Import,
  contents: ImageContents,
  labels: Record<string, string>,
  { exists }: { exists: boolean },
): Promise<void> {
  const { mediaType, digest, size } = contents.target;
  const image = {
    name: contents.ref,
    labels,
    target: { mediaType, digest, size: BigInt(size) },
    createdAt: timestampFromDate(new Date()),
  };
  const call = { signal, metadata: { "containerd-lease": lease } };
  if (exists) {
    await client.images.update({ image, updateMask: { paths: ["target", "labels"] } }, call);
    return;
  }
  try {
    await client.images.create({ image }, call);
  } catch (err) {
    if (!isGrpcAlreadyExists(err)) throw err;
    await client.images.update({ image, updateMask: { paths: ["target", "labels"] } }, call);
  }
}

function sameLabels(have: Readonly<Record<string, string>>, want: Readonly<Record<string, string>>): boolean {
  return Object.entries(want).every(([name, value]) => have[name] === value);
}

async function createLease(client: ContainerdClient, signal: AbortSignal): Promise<string> {
  const id = `k0s-import-${crypto.randomUUID()}`;
  const expire = new Date(Date.now() + leaseLifetimeMs).toISOString();
  await client.leases.create({ id, labels: { "containerd.io/gc.expire": expire } }, { signal });
  return id;
}
