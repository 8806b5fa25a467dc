// What has to be in containerd's stores for one image: read from its manifest, pure from there on.

import { createHash } from "node:crypto";
import {
  type Descriptor,
  imageConfigSchema,
  type ImageManifest,
  type ImageRecord,
  type ImageSource,
  indexSchema,
  manifestSchema,
} from "../../../oci/image.ts";
import { readJsonBlob } from "../../../oci/json-blob.ts";
import { isIndexType, mediaTypes } from "../../../oci/media-types.ts";
import { UserError } from "../../../std/errors.ts";

export interface ContentBlob {
  readonly descriptor: Descriptor;
  /** containerd's garbage collector follows these from one blob to the next. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ImageLayer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  /** Name of the snapshot that holds this layer on top of those below it. */
  readonly chainId: string;
}

export interface ImageContents {
  readonly ref: string;
  readonly target: Descriptor;
  /** Index, manifest and configuration; children before parents. */
  readonly metadata: readonly ContentBlob[];
  readonly layers: readonly ImageLayer[];
}

export interface ContentsOptions {
  readonly architecture: string;
  readonly snapshotter: string;
  /** Whether layers stay in the content store once they are unpacked. */
  readonly keepLayers: boolean;
}

/** Undefined: the image does not serve this platform. */
export async function imageContents(
  source: ImageSource,
  image: ImageRecord,
  options: ContentsOptions,
): Promise<ImageContents | undefined> {
  const target = await describe(source, image.manifestDigest, image.mediaType ?? mediaTypes.manifest);
  const found = await platformManifest(source, target, options.architecture);
  if (found === undefined) return undefined;
  const manifest = await readJsonBlob(source, found.digest, manifestSchema);
  const config = await readJsonBlob(source, manifest.config.digest, imageConfigSchema);
  const layers = imageLayers(manifest, config.rootfs.diff_ids, image.ref);
  const top = layers.at(-1)?.chainId;
  const metadata: ContentBlob[] = [
    {
      descriptor: manifest.config,
      labels: top === undefined ? {} : { [`containerd.io/gc.ref.snapshot.${options.snapshotter}`]: top },
    },
    { descriptor: found, labels: manifestLabels(manifest, options.keepLayers) },
  ];
  if (found.digest !== target.digest) {
    metadata.push({ descriptor: target, labels: { "containerd.io/gc.ref.content.m.0": found.digest } });
  }
  return { ref: image.ref, target, metadata, layers };
}

async function describe(source: ImageSource, digest: string, mediaType: string): Promise<Descriptor> {
  const blob = await source.openBlob(digest);
  if (blob === undefined)
    throw new UserError(`the image archive lacks blob ${digest}`, { code: "blob-missing" });
  return { mediaType, digest: digest as Descriptor["digest"], size: blob.size };
}

/** The manifest for us below `root`; blobs of other platforms may be missing from the source. */
async function platformManifest(
  source: ImageSource,
  root: Descriptor,
  architecture: string,
): Promise<Descriptor | undefined> {
  if (!isIndexType(root.mediaType)) return root;
  const { manifests } = await readJsonBlob(source, root.digest, indexSchema);
  for (const child of manifests) {
    if (child.platform !== undefined && !serves(child.platform, architecture)) continue;
    if ((await source.openBlob(child.digest)) === undefined) continue;
    const found = await platformManifest(source, child, architecture);
    if (found !== undefined) return found;
  }
  return undefined;
}

function serves(platform: NonNullable<Descriptor["platform"]>, architecture: string): boolean {
  return platform.os === "linux" && platform.architecture === architecture;
}

function imageLayers(manifest: ImageManifest, diffIds: readonly string[], ref: string): ImageLayer[] {
  if (manifest.layers.length !== diffIds.length) {
    throw new UserError(
      `image ${ref} is damaged: ${manifest.layers.length} layers, but ${diffIds.length} diff IDs`,
    );
  }
  const chain = chainIds(diffIds);
  return manifest.layers.map((descriptor, index) => ({
    descriptor,
    diffId: diffIds[index] ?? "",
    chainId: chain[index] ?? "",
  }));
}

/** image-spec, "Layer ChainID": each names the layers from the bottom up to itself. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    const hash = createHash("sha256").update(`${below ?? ""} ${diffId}`);
    chain.push(below === undefined ? diffId : `sha256:${hash.digest("hex")}`);
  }
  return chain;
}

function manifestLabels(manifest: ImageManifest, keepLayers: boolean): Record<string, string> {
  const labels: Record<string, string> = { "containerd.io/gc.ref.content.config": manifest.config.digest };
  if (!keepLayers) return labels;
  for (const [index, layer] of manifest.layers.entries())
    labels[`containerd.io/gc.ref.content.l.${index}`] = layer.digest;
  return labels;
}
