// Docker's `save` format seen as OCI images: manifests are made up from manifest.json, layers get their digest by reading
// them once. Upstream leaves them to containerd: pkg/component/worker/ocibundle.go.

import { createHash } from "node:crypto";
import * as z from "zod";
import { UserError } from "../std/errors.ts";
import {
  type Blob,
  type Descriptor,
  type Digest,
  type ImageRecord,
  type ImageSource,
  sha256,
} from "./image.ts";
import { parseJson } from "./json-blob.ts";
import { mediaTypes } from "./media-types.ts";
import { memoryBlob } from "./memory-source.ts";

const dockerManifestSchema = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }),
);

export interface DockerArchive {
  readonly path: string;
  readonly manifest: Uint8Array;
  openFile(name: string): Blob | undefined;
  readonly signal: AbortSignal;
}

export async function dockerArchiveImages(archive: DockerArchive): Promise<ImageSource> {
  const blobs = new Map<string, Blob>();
  const images: ImageRecord[] = [];
  const described = new Map<string, Descriptor>();

  const describe = async (name: string, mediaType?: string): Promise<Descriptor> => {
    const known = described.get(name);
    if (known !== undefined) return known;
    const blob = archive.openFile(name);
    if (blob === undefined)
      throw new UserError(`${archive.path} lacks the file ${name} that its manifest.json names`);
    const { digest, magic } = await digestOf(blob, archive.signal);
    blobs.set(digest, blob);
    const descriptor: Descriptor = { mediaType: mediaType ?? layerType(magic), digest, size: blob.size };
    described.set(name, descriptor);
    return descriptor;
  };

  for (const entry of parseJson(archive.manifest, dockerManifestSchema, `manifest.json of ${archive.path}`)) {
    const config = await describe(entry.Config, mediaTypes.config);
    const layers: Descriptor[] = [];
    for (const layer of entry.Layers) layers.push(await describe(layer));
    const manifest = new TextEncoder().encode(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers }),
    );
    const manifestDigest = sha256(manifest);
    blobs.set(manifestDigest, memoryBlob(manifest));
    const digests = [manifestDigest, config.digest, ...layers.map((layer) => layer.digest)];
    for (const tag of entry.RepoTags ?? [])
      images.push({ ref: normalizeRef(tag), manifestDigest, blobs: digests });
  }
  return { images, openBlob: (digest) => Promise.resolve(blobs.get(digest)) };
}

async function digestOf(blob: Blob, signal: AbortSignal): Promise<{ digest: Digest; magic: Uint8Array }> {
  const hash = createHash("sha256");
  let magic = new Uint8Array(0);
  for await (const chunk of blob.stream()) {
    signal.throwIfAborted();
    if (magic.length === 0) magic = chunk.slice(0, 4);
    hash.update(chunk);
  }
  return { digest: `sha256:${hash.digest("hex")}`, magic };
}

function layerType(magic: Uint8Array): string {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return mediaTypes.layerGzip;
  if (magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd)
    return mediaTypes.layerZstd;
  return mediaTypes.layer;
}

/** Docker writes short names: `busybox:1` means `docker.io/library/busybox:1`. */
export function normalizeRef(ref: string): string {
  const [first = "", ...rest] = ref.split("/");
  if (rest.length === 0) return `docker.io/library/${ref}`;
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  return isHost ? ref : `docker.io/${ref}`;
}
