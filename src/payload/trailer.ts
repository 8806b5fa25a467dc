// The last 64 bytes of the k0s file: where the index is, its hash, and how large the file must be.

import { UserError } from "../std/errors.ts";

export const trailerSize = 64;
const magic = "k0s-pack";

export interface Trailer {
  readonly indexOffset: number;
  readonly indexSize: number;
  readonly indexSha256: string;
  readonly fileSize: number;
}

export function encodeTrailer(trailer: Trailer): Buffer {
  const bytes = Buffer.alloc(trailerSize);
  bytes.write(magic, 0, "latin1");
  bytes.writeBigUInt64LE(BigInt(trailer.indexOffset), 8);
  bytes.writeBigUInt64LE(BigInt(trailer.indexSize), 16);
  bytes.write(trailer.indexSha256, 24, "hex");
  bytes.writeBigUInt64LE(BigInt(trailer.fileSize), 56);
  return bytes;
}

/** Throws a UserError that says what is wrong with the file, if it cannot be a whole one. */
export function decodeTrailer(bytes: Buffer, fileSize: number): Trailer {
  if (bytes.length !== trailerSize || bytes.toString("latin1", 0, 8) !== magic) {
    throw damagedFile("trailer", "not found at the end of the file");
  }
  const trailer = {
    indexOffset: Number(bytes.readBigUInt64LE(8)),
    indexSize: Number(bytes.readBigUInt64LE(16)),
    indexSha256: bytes.toString("hex", 24, 56),
    fileSize: Number(bytes.readBigUInt64LE(56)),
  };
  if (trailer.fileSize !== fileSize) {
    throw damagedFile("trailer", `the file has ${fileSize} bytes, it should have ${trailer.fileSize}`);
  }
  if (trailer.indexOffset + trailer.indexSize > fileSize - trailerSize) {
    throw damagedFile("trailer", "it points outside of the file");
  }
  return trailer;
}

export function damagedFile(part: string, reason: string): UserError {
  return new UserError(`The k0s file is damaged in part "${part}": ${reason}.`, {
    code: "file-damaged",
    hint: "Get the k0s file again and compare its SHA-256 with the published one.",
  });
}
