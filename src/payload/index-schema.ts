// What the index at the end of the k0s file says. Written by build/pack, read here and by launcher/pack.go.
//
// The file: launcher (ELF) · parts · image blobs · index (JSON) · trailer (64 bytes). A part is a small tree of files,
// laid end to end and cut into independent zstd frames, so that several are unpacked at once and none is large.

import * as z from "zod";

export const indexFormat = 1;
/** Larger ones compress better (8 MiB: 4 % more). A frame holds at most this many raw bytes: it bounds the memory that unpacking takes. */
export const maxFrameBytes = 16 * 1024 * 1024;

/** A formed frame is unpacked twice: what is compressed, and what it was made of. Both fit where one frame does. */
export const maxFormedBytes = maxFrameBytes / 2 - 16;

/** What was put together before it was compressed: build/pack/go-forms.ts. */
const frameForms = ["go-pc-tables", "go-functions"] as const;
export type FrameForm = (typeof frameForms)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/** What a part is for; the launcher itself unpacks only the runtime. */
export const partKinds = ["runtime", "component", "host-tools", "cni-plugins"] as const;

const partFile = z.object({
  path: z.string().min(1),
  size: count,
  mode: count,
  sha256,
  /** Where the path of the loader has to be written to, for executables that bring their own C library. */
  interpreter: z.object({ offset: count, length: count }).optional(),
});

const part = z.object({
  name: z.string().min(1),
  kind: z.enum(partKinds),
  version: z.string(),
  /** Identity: the hash of the list of files and links with their hashes. */
  sha256,
  /** Raw bytes, all files together. */
  size: count,
  /** Where its frames lie in the k0s file. */
  offset: count,
  stored: count,
  /** Of the stored bytes: shows that a file is damaged before anything is unpacked. */
  crc32: count,
  frames: z.array(z.object({ stored: count, raw: count, sha256, form: z.enum(frameForms).optional() })),
  files: z.array(partFile),
  links: z.array(z.object({ path: z.string().min(1), target: z.string().min(1) })),
  /** Path of the dynamic loader among the files. */
  loader: z.string().optional(),
  /** What was done to each frame without a form before it was compressed: build/pack/x86-filter.ts. */
  filter: z.literal("x86-64").optional(),
});

const image = z.object({
  ref: z.string().min(1),
  manifestDigest: z.string(),
  mediaType: z.string().optional(),
  blobs: z.array(z.string()),
});

const blob = z.object({ digest: z.string(), size: count, offset: count, crc32: count });

export const payloadIndexSchema = z.object({
  format: z.literal(indexFormat),
  /** `linux/amd64`, as in build/platform.ts. */
  target: z.string(),
  version: z.string(),
  parts: z.array(part),
  images: z.array(image),
  blobs: z.array(blob),
});

export type PartKind = (typeof partKinds)[number];
export type PayloadPart = z.output<typeof part>;
export type PayloadImage = z.output<typeof image>;
export type PayloadBlob = z.output<typeof blob>;
export type PayloadIndex = z.output<typeof payloadIndexSchema>;
