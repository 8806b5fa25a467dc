// What a bundle needs of one image: its index and manifests as they are, and which blobs for the platforms asked for.
// Upstream: pkg/airgap/ociartifactsbundler.go.

import { UserError } from "../../std/errors.ts";
import { type Descriptor, indexSchema, manifestSchema } from "../image.ts";
import { parseJson } from "../json-blob.ts";
import { isIndexType, isManifestType, isSchema1Type } from "../media-types.ts";
import { manifestFor, type Platform, platformText } from "../platform.ts";
import type { Manifest, RegistryClient } from "./client.ts";
import { type ImageName, imageNameText } from "./image-name.ts";

export interface ResolvedImage {
  readonly name: ImageName;
  readonly target: { readonly digest: string; readonly mediaType: string };
  /** Index and manifests, by digest. */
  readonly manifests: ReadonlyMap<string, Uint8Array>;
  /** Configurations and layers. */
  readonly blobs: readonly Descriptor[];
}

/** Deeper than an index of indexes no image is. */
const deepest = 3;

export async function resolveImage(
  client: RegistryClient,
  name: ImageName,
  platforms: readonly Platform[],
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const root = await client.manifest(name, name.digest ?? name.tag ?? "latest", signal);
  const walk: Walk = { client, name, signal, manifests: new Map(), blobs: new Map() };
  const mediaType = mediaTypeOf(root, name);
  if (isIndexType(mediaType)) await takeIndex(walk, root, platforms, 0);
  else takeManifest(walk, root);
  const { manifests, blobs } = walk;
  return { name, target: { digest: root.digest, mediaType }, manifests, blobs: [...blobs.values()] };
}

interface Walk {
  readonly client: RegistryClient;
  readonly name: ImageName;
  readonly signal: AbortSignal;
  readonly manifests: Map<string, Uint8Array>;
  readonly blobs: Map<string, Descriptor>;
}

async function takeIndex(
  walk: Walk,
  index: Manifest,
  platforms: readonly Platform[],
  depth: number,
): Promise<void> {
  const { manifests } = parseJson(index.bytes, indexSchema, `the index of ${imageNameText(walk.name)}`);
  walk.manifests.set(index.digest, index.bytes);
  const chosen = new Map<string, Descriptor>();
  for (const platform of platforms) {
    const found = manifestFor(manifests, platform) ?? manifests.find((one) => one.platform === undefined);
    if (found === undefined) throw notFor(walk.name, platform, manifests);
    chosen.set(found.digest, found);
  }
  for (const attestation of manifests.filter(({ annotations }) =>
    chosen.has(annotations?.["vnd.docker.reference.digest"] ?? ""),
  ))
    chosen.set(attestation.digest, attestation);
  for (const { digest } of chosen.values()) {
    const manifest = await walk.client.manifest(walk.name, digest, walk.signal);
    if (!isIndexType(mediaTypeOf(manifest, walk.name))) takeManifest(walk, manifest);
    else if (depth < deepest) await takeIndex(walk, manifest, platforms, depth + 1);
    else throw new UserError(`${imageNameText(walk.name)} is an index of indexes without end`);
  }
}

function takeManifest({ manifests, blobs, name }: Walk, { bytes, digest }: Manifest): void {
  const { config, layers } = parseJson(bytes, manifestSchema, `the manifest of ${imageNameText(name)}`);
  manifests.set(digest, bytes);
  for (const blob of [config, ...layers]) blobs.set(blob.digest, blob);
}

/** What the registry calls it, else what it calls itself. */
function mediaTypeOf({ bytes, mediaType }: Manifest, name: ImageName): string {
  if (isIndexType(mediaType) || isManifestType(mediaType)) return mediaType;
  const own = /"mediaType"\s*:\s*"([^"]+)"/.exec(new TextDecoder().decode(bytes))?.[1] ?? "";
  const found = isSchema1Type(mediaType) ? mediaType : own;
  if (isIndexType(found) || isManifestType(found)) return found;
  throw new UserError(
    isSchema1Type(found)
      ? `${imageNameText(name)} has a manifest of Docker's schema 1, which containerd does not import`
      : `${imageNameText(name)} is not an image: its manifest is ${JSON.stringify(found === "" ? mediaType : found)}`,
    { code: "image-manifest" },
  );
}

function notFor(name: ImageName, platform: Platform, manifests: readonly Descriptor[]): UserError {
  const has = manifests
    .flatMap((one) => (one.platform === undefined ? [] : [one.platform]))
    .filter(({ os }) => os !== "unknown")
    .map((one) => platformText({ ...one, osVersion: one["os.version"] }));
  return new UserError(`${imageNameText(name)} is not there for ${platformText(platform)}`, {
    code: "image-platform",
    hint:
      has.length === 0
        ? "It is there for no platform at all."
        : `It is there for ${[...new Set(has)].join(", ")}.`,
  });
}
