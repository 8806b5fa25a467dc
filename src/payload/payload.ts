// The packed file, open: its index, and its bytes by offset. Nothing of it is read into memory whole.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { errorMessage, UserError } from "../std/errors.ts";
import { openBlob, type PayloadBlobStream } from "./image-blobs.ts";
import {
  type PayloadImage,
  type PayloadIndex,
  type PayloadPart,
  payloadIndexSchema,
} from "./index-schema.ts";
import { selfIndex, selfPath } from "./self-path.ts";
import { damagedFile, decodeTrailer, trailerSize } from "./trailer.ts";
import { verifyStored } from "./verify-stored.ts";

/** Fits the `ImageSource` of src/oci. */
export interface Payload extends AsyncDisposable {
  readonly path: string;
  readonly index: PayloadIndex;
  /** Hash of the index: it stands for everything in the file. */
  readonly indexSha256: string;
  readonly images: readonly PayloadImage[];
  /**
   * Where a part is being put by this process → resolves when it can be used: two that want the same one must not unpack it
   * into two files.
   */
  readonly underWay: Map<string, Promise<void>>;
  /** Undefined: no such blob in the file. */
  openBlob(digest: string): Promise<PayloadBlobStream | undefined>;
  /** Throws if there is no such part. */
  part(name: string): PayloadPart;
  /** Throws a UserError that names the part if stored bytes are damaged; reads the whole file. */
  verify(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export async function openPayload(path: string = selfPath()): Promise<Payload> {
  const file = await openFile(path);
  try {
    const { index, indexSha256 } = await readIndex(file);
    refuseReplaced(path, indexSha256);
    const blobs = new Map(index.blobs.map((blob) => [blob.digest, blob]));
    const close = () => file.close();
    return {
      path,
      index,
      indexSha256,
      images: index.images,
      underWay: new Map(),
      openBlob: async (digest) => {
        const blob = blobs.get(digest);
        return blob === undefined ? undefined : openBlob(file, blob);
      },
      part(name) {
        const found = index.parts.find((part) => part.name === name);
        if (found === undefined) throw new Error(`${path} has no part ${name}`);
        return found;
      },
      verify: (signal) => verifyStored(file, index, signal),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (err) {
    await file.close();
    throw err;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (err) {
    throw new UserError(`Cannot read the k0s file ${path}: ${errorMessage(err)}`, {
      code: "file-unreadable",
      hint: "It must stay where it was started from as long as k0s runs.",
      cause: err,
    });
  }
}

async function readIndex(file: FileHandle): Promise<{ index: PayloadIndex; indexSha256: string }> {
  const { size } = await file.stat();
  const trailer = decodeTrailer(await readAt(file, size - trailerSize, trailerSize), size);
  const text = await readAt(file, trailer.indexOffset, trailer.indexSize);
  if (createHash("sha256").update(text).digest("hex") !== trailer.indexSha256) {
    throw damagedFile("index", "its SHA-256 is not the one in the trailer");
  }
  const parsed = payloadIndexSchema.safeParse(JSON.parse(text.toString("utf8")));
  if (!parsed.success) throw damagedFile("index", parsed.error.issues[0]?.message ?? "not understood");
  return { index: parsed.data, indexSha256: trailer.indexSha256 };
}

async function readAt(file: FileHandle, offset: number, size: number): Promise<Buffer> {
  if (offset < 0) throw damagedFile("trailer", "there is none");
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await file.read(bytes, 0, size, offset);
  return bytes.subarray(0, bytesRead);
}

/** The file may have been replaced by another version since we were started from it. */
function refuseReplaced(path: string, indexSha256: string): void {
  const started = selfIndex();
  if (started === undefined || process.env["K0S_SELF"] !== path || started === indexSha256) return;
  throw new UserError(`${path} is not the file any more that this k0s was started from.`, {
    code: "file-replaced",
    hint: "Start k0s again, to run the new version.",
  });
}
