// Puts images into a registry by the distribution protocol.

import { randomBytes } from "node:crypto";
import {
  type ImageRecord,
  type ImageSource,
  indexSchema,
  manifestSchema,
  sha256,
} from "../../src/oci/image.ts";
import { readJsonBlob } from "../../src/oci/json-blob.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { memoryBlob, memorySource } from "../../src/oci/memory-source.ts";

export interface PushedImage {
  /** `team/web:1` */
  readonly as: string;
  readonly image: ImageRecord;
  readonly source: ImageSource;
}

/** `url` is the top of a registry that asks for nothing. */
export async function pushImage(url: string, { as, image, source }: PushedImage): Promise<void> {
  const [repository = "", tag = ""] = as.split(":");
  const base = `${url}/v2/${repository}`;
  const type = image.mediaType ?? mediaTypes.manifest;
  const manifests =
    type === mediaTypes.index
      ? (await readJsonBlob(source, image.manifestDigest, indexSchema)).manifests.map(({ digest }) => digest)
      : [image.manifestDigest];
  for (const digest of manifests) {
    const { config, layers } = await readJsonBlob(source, digest, manifestSchema);
    for (const blob of [config, ...layers])
      await pushBlob(base, blob.digest, await bytesOf(source, blob.digest));
    const own = type === mediaTypes.index ? mediaTypes.manifest : type;
    await put(`${base}/manifests/${digest}`, own, await bytesOf(source, digest));
  }
  await put(`${base}/manifests/${tag}`, type, await bytesOf(source, image.manifestDigest));
}

async function pushBlob(base: string, digest: string, data: Uint8Array): Promise<void> {
  const begun = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  const location = begun.headers.get("location");
  if (location === null)
    throw new Error(`no upload of ${digest}: HTTP ${begun.status} ${await begun.text()}`);
  const target = new URL(location, base);
  target.searchParams.set("digest", digest);
  await put(target.href, "application/octet-stream", data);
}

async function put(url: string, type: string, body: Uint8Array): Promise<void> {
  const answer = await fetch(url, { method: "PUT", headers: { "content-type": type }, body: body.slice() });
  if (!answer.ok) throw new Error(`PUT ${url}: HTTP ${answer.status} ${await answer.text()}`);
}

async function bytesOf(source: ImageSource, digest: string): Promise<Uint8Array> {
  const blob = await source.openBlob(digest);
  if (blob === undefined) throw new Error(`the image lacks ${digest}`);
  return new Response(blob.stream()).bytes();
}

/** An image and one like it for another machine, under one index. */
export async function withForeignPlatform(
  image: ImageRecord,
  source: ImageSource,
  architecture: string,
): Promise<{ readonly image: ImageRecord; readonly source: ImageSource; readonly foreign: string }> {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const own = await bytesOf(source, image.manifestDigest);
  const manifest = await readJsonBlob(source, image.manifestDigest, manifestSchema);
  const text = new TextDecoder().decode(await bytesOf(source, manifest.config.digest));
  const config = encode({ ...(JSON.parse(text) as object), architecture: "s390x" });
  const foreign = encode({
    ...manifest,
    config: { ...manifest.config, digest: sha256(config), size: config.length },
  });
  const describe = (data: Uint8Array, of: string) => ({
    mediaType: mediaTypes.manifest,
    digest: sha256(data),
    size: data.length,
    platform: { os: "linux", architecture: of },
  });
  const index = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [describe(foreign, "s390x"), describe(own, architecture)],
  });
  const made = new Map([config, foreign, index].map((data) => [sha256(data) as string, memoryBlob(data)]));
  return {
    image: { ref: image.ref, manifestDigest: sha256(index), mediaType: mediaTypes.index, blobs: [] },
    source: { images: [], openBlob: async (digest) => made.get(digest) ?? (await source.openBlob(digest)) },
    foreign: sha256(foreign),
  };
}

/** The same programs under an id of their own: kubelet counts who may use an image by its id, whatever its name. */
export async function withOwnId(
  image: ImageRecord,
  source: ImageSource,
): Promise<{ readonly image: ImageRecord; readonly source: ImageSource }> {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const before = await readJsonBlob(source, image.manifestDigest, manifestSchema);
  const text = new TextDecoder().decode(await bytesOf(source, before.config.digest));
  const config = encode({ ...(JSON.parse(text) as object), author: randomBytes(8).toString("hex") });
  const manifest = encode({
    ...before,
    config: { ...before.config, digest: sha256(config), size: config.length },
  });
  const made = new Map([config, manifest].map((data) => [sha256(data) as string, memoryBlob(data)]));
  return {
    image: { ...image, manifestDigest: sha256(manifest) },
    source: { images: [], openBlob: async (digest) => made.get(digest) ?? (await source.openBlob(digest)) },
  };
}

const formats = {
  oci: mediaTypes,
  docker: {
    manifest: mediaTypes.dockerManifest,
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar",
  },
};

/** An image with one layer of noise, for what is said of transfers: no pod can run it. */
export function noiseImage(
  bytes: number,
  architecture: string,
  format: "oci" | "docker" = "oci",
): Pick<PushedImage, "image" | "source"> {
  const types = formats[format];
  const layer = new Uint8Array(randomBytes(bytes));
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const config = encode({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [sha256(layer)] } });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: sha256(config), size: config.length },
    layers: [{ mediaType: types.layer, digest: sha256(layer), size: layer.length }],
  });
  const image = { ref: "noise", manifestDigest: sha256(manifest), mediaType: types.manifest, blobs: [] };
  return { image, source: memorySource([image], [layer, config, manifest]) };
}
