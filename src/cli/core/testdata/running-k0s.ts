// A controller that runs, as far as commands look: the document with its configuration, in a data directory of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterConfig } from "../../../config/load.ts";
import { claimRuntime } from "../../../config/runtime-config.ts";
import { nodePaths } from "../../../product/paths.ts";

export interface RunningFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
}

/** `use` gets the flags by which a command that is not root's finds it. */
export async function withRunningK0s(
  configuration: string,
  use: (flags: RunningFlags) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "k0s-running-"));
  const paths = nodePaths({ dataDir, root: false });
  const claim = await claimRuntime(paths);
  try {
    const node = { single: false, dataDir, publicAddress: "192.0.2.1" };
    await claim.publish({ nodeConfig: parseClusterConfig(configuration, node).config });
    await use({ dataDir, statusSocket: paths.statusSocket });
  } finally {
    await claim.release();
    await rm(dataDir, { recursive: true });
  }
}
