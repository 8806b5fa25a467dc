// A blob that its source verifies, put where containerd's store keeps content. Through the API each 48 kB would be a message and its
// answer, and a hundred megabytes of images cost seconds of processor time on both sides. docs/adr/0086.

import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Blob } from "../../../oci/image.ts";
import { makeDir, renameFile, statIfExists, writeFailure } from "../../../os/files.ts";
import { removeFile } from "../../../os/removal.ts";
import { temporaryName } from "../../../os/temporary-files.ts";
import { errno } from "../../../std/errors.ts";

export interface ContentPlace {
  /** containerd's own directory. */
  readonly rootDir: string;
  /** Of its file system, and one in which a start removes what a killed k0s has left: containerd complains about names that it does not know. */
  readonly scratchDir: string;
}

/** As containerd's own. */
const mode = 0o444;

/**
 * The blob lies under its digest afterwards, whole and on the disk, unless this containerd keeps its content elsewhere or on another
 * file system. It does not know of it yet: one who writes the blob through its API is told that nothing is missing.
 */
export async function placeBlob(
  { rootDir, scratchDir }: ContentPlace,
  digest: string,
  blob: Blob,
  signal: AbortSignal,
): Promise<void> {
  const store = join(rootDir, "io.containerd.content.v1.content");
  if ((await statIfExists(join(store, "ingest"))) === undefined) return;
  const [algorithm = "", hex = ""] = digest.split(":");
  const blobs = join(store, "blobs", algorithm);
  const path = join(blobs, hex);
  if ((await statIfExists(path)) !== undefined) return;
  await makeDir(blobs);
  // It could not be renamed, and there may be no room for it.
  if ((await stat(blobs)).dev !== (await stat(scratchDir)).dev) return;
  const temporary = temporaryName(join(scratchDir, hex));
  try {
    await write(temporary, blob, signal);
    await renameFile(temporary, path);
  } catch (err) {
    await removeFile(temporary);
    if (errno(err) !== "EXDEV") throw writeFailure(path, err);
  }
}

async function write(path: string, blob: Blob, signal: AbortSignal): Promise<void> {
  await using file = await open(path, "wx", mode);
  // What the source's stream says at its end that the content is not what it should be, is thrown here.
  for await (const chunk of blob.stream()) {
    signal.throwIfAborted();
    await file.writeFile(chunk);
  }
  await file.chmod(mode);
  await file.datasync();
}
