// Whether the programs of a node fit and are whole, asked before the first of them is unpacked.

import type { NodePaths } from "../../product/paths.ts";
import { assertWritable } from "../../os/disk-space.ts";
import type { Payload } from "../../payload/payload.ts";
import { unstagedComponents } from "../../payload/stage-binaries.ts";

export interface NodePrograms {
  readonly payload: Payload;
  readonly paths: NodePaths;
  readonly programs: readonly string[];
  /** Whether images are kept on this node. */
  readonly images: boolean;
  readonly signal: AbortSignal;
}

/** Room that a new data directory needs besides programs and images: the datastore's first files and logs. */
const firstFilesBytes = 96 * 1024 * 1024;

/** What is to be unpacked decides how much room there must be; only then is the file looked through. */
export async function assertRoomForPrograms(node: NodePrograms): Promise<void> {
  const { payload, paths, programs, images, signal } = node;
  await assertWritable(paths.dataDir);
  const missing = await unstagedComponents(payload, { binDir: paths.binDir, names: programs });
  if (missing.length === 0) return;
  const programBytes = missing.reduce((sum, part) => sum + part.size, 0);
  const imageBytes = images ? payload.index.blobs.reduce((sum, blob) => sum + blob.size, 0) : 0;
  await assertWritable(paths.dataDir, programBytes + imageBytes + firstFilesBytes);
  await payload.verify(signal);
}
