// What an image consists of (OCI image-spec v1.1), parsed once at the edge, and where its blobs can be read from.

import { createHash } from "node:crypto";
import * as z from "zod";

export type Digest = `sha256:${string}`;

const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "not a sha256 digest")
  .transform((text) => text as Digest);

export const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  "os.version": z.string().optional(),
});

export const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: platformSchema.optional(),
});

export const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});

export const indexSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema),
});

/** The part of an image configuration that unpacking needs. */
export const imageConfigSchema = z.object({
  architecture: z.string(),
  os: z.string(),
  rootfs: z.object({ type: z.string(), diff_ids: z.array(digestSchema) }),
});

export type Descriptor = z.output<typeof descriptorSchema>;
export type ImageManifest = z.output<typeof manifestSchema>;

/** One named image of a source: its manifest and every blob it needs, the manifest included. */
export interface ImageRecord {
  /** Full reference, e.g. `localhost/k0s/coredns:1.14.7`. */
  readonly ref: string;
  /** Digest of the image's manifest, or of its index when it serves several platforms. */
  readonly manifestDigest: string;
  /** Media type of that blob; absent: an OCI manifest. */
  readonly mediaType?: string | undefined;
  readonly blobs: readonly string[];
}

export interface Blob {
  readonly size: number;
  /** The content; a consumer that does not read to the end cancels it. */
  stream(): ReadableStream<Uint8Array>;
}

/** Named images and their blobs: the payload of the executable, a bundle file, a layout directory. */
export interface ImageSource {
  readonly images: readonly ImageRecord[];
  /** Undefined: the source does not hold it (tolerated for blobs of foreign platforms). */
  openBlob(digest: string): Promise<Blob | undefined>;
}

export function sha256(data: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}
