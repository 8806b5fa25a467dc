// The container image of k0s as an OCI archive, made without a container engine: the layers of its recipe, its entry point,
// and the k0s file in a layer of its own. The same k0s file gives the same bytes.

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { k0sImage } from "../../images/k0s/image.ts";
import { type Digest, sha256 } from "../../src/oci/image.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import type { Progress } from "../../src/std/progress.ts";
import { repoRoot } from "../cache-root.ts";
import type { UsedPackage } from "../debian/package-set.ts";
import { writeImageArchive } from "../images/image-archive.ts";
import { buildImageSet, type BuiltImages } from "../images/build-images.ts";
import { layerTar } from "../images/layer-tar.ts";
import type { ImageRecipe, LayerEntry } from "../images/recipe.ts";
import type { Platform } from "../platform.ts";

export interface ContainerImageInputs {
  /** The packed file. */
  readonly k0s: string;
  readonly version: string;
  readonly platform: Platform;
  /** `docker.io/example/k0s`, without a tag. */
  readonly repository: string;
  readonly output: string;
  readonly signal: AbortSignal;
  readonly report: Progress;
}

export interface ContainerImage {
  readonly ref: string;
  /** Whose files are in it. */
  readonly packages: readonly UsedPackage[];
}

/** Writes the archive; nothing is at `output` before it is whole. */
export async function buildContainerImage(inputs: ContainerImageInputs): Promise<ContainerImage> {
  const { k0s, version, platform, output, signal, report } = inputs;
  const scratch = await mkdtemp(`${output}.`);
  try {
    const base = await buildImageSet([await withEntrypoint(k0sImage)], platform, { signal, report });
    const own = await k0sLayer(k0s, join(scratch, "layer"), signal);
    const ref = `${inputs.repository}:${imageTag(version)}`;
    const blobs = imageBlobs(base, own, { version, platform });
    const files = new Map([...base.blobs, [own.digest, own.path]]);
    await writeImageArchive(
      {
        images: [{ ref, manifestDigest: blobs.manifest.digest, blobs: blobs.digests }],
        openBlob: async (digest) => blobs.json.get(digest) ?? fileBlob(files.get(digest)),
        signal,
      },
      output,
    );
    return { ref, packages: base.packages };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A tag of an image has no plus. */
export function imageTag(version: string): string {
  return version.replaceAll("+", "-");
}

/** A script is a file of its own, so that a shell and its linter can read it. */
async function withEntrypoint(recipe: ImageRecipe): Promise<ImageRecipe> {
  const text = await Bun.file(join(repoRoot, "images/k0s/entrypoint.sh")).text();
  const entries: readonly LayerEntry[] = [{ kind: "text", path: "/entrypoint.sh", text, mode: 0o755 }];
  return { ...recipe, layers: [...recipe.layers, { name: "entry point", entries }] };
}

interface PlainLayer {
  readonly digest: Digest;
  readonly size: number;
  readonly path: string;
}

/** Not compressed: what is in it is, already. */
async function k0sLayer(source: string, path: string, signal: AbortSignal): Promise<PlainLayer> {
  const hash = createHash("sha256");
  let size = 0;
  const tar = layerTar([{ kind: "file", path: "/usr/local/bin/k0s", source, mode: 0o755 }]);
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of tar) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(counted()), createWriteStream(path), { signal });
  return { digest: `sha256:${hash.digest("hex")}`, size, path };
}

interface ImageBlobs {
  readonly manifest: { readonly digest: Digest };
  /** Of all blobs of the image, the manifest's first. */
  readonly digests: readonly Digest[];
  readonly json: ReadonlyMap<string, { readonly size: number; stream(): ReadableStream<Uint8Array> }>;
}

function imageBlobs(
  base: BuiltImages,
  own: PlainLayer,
  { version, platform }: Pick<ContainerImageInputs, "version" | "platform">,
): ImageBlobs {
  const below = base.images[0]?.layers ?? [];
  const config = jsonBlob(imageConfig(platform, version, [...below, { name: "k0s", diffId: own.digest }]));
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: config.digest, size: config.blob.size },
    layers: [
      ...below.map(({ digest, size }) => ({ mediaType: mediaTypes.layerZstd, digest, size })),
      { mediaType: mediaTypes.layer, digest: own.digest, size: own.size },
    ],
  });
  return {
    manifest,
    digests: [manifest.digest, config.digest, ...below.map(({ digest }) => digest), own.digest],
    json: new Map([manifest, config].map(({ digest, blob }) => [digest, blob])),
  };
}

/** What a runtime is told: docs/releases.md. */
export function imageConfig(
  { os, arch }: Pick<Platform, "os" | "arch">,
  version: string,
  layers: readonly { readonly name: string; readonly diffId: string }[],
): object {
  const { entrypoint, args, env = {} } = k0sImage.config;
  const created = "1970-01-01T00:00:00Z";
  return {
    created,
    architecture: arch,
    os,
    config: {
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      Entrypoint: entrypoint,
      Cmd: args,
      WorkingDir: "/",
      // containerd's snapshots cannot lie on an overlay.
      Volumes: { "/var/lib/k0s": {}, "/var/log/pods": {} },
      Labels: {
        "org.opencontainers.image.title": "k0s",
        "org.opencontainers.image.description": "Kubernetes in one self-extracting file",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "Apache-2.0",
      },
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created, created_by: name })),
  };
}

function jsonBlob(value: unknown) {
  const data = new TextEncoder().encode(JSON.stringify(value));
  return { digest: sha256(data), blob: { size: data.length, stream: () => new Blob([data]).stream() } };
}

function fileBlob(path: string | undefined) {
  if (path === undefined) return undefined;
  const file = Bun.file(path);
  return { size: file.size, stream: () => file.stream() };
}
