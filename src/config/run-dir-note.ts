// <run-dir>/data-dir: which installation the run directory is that of. All installations of a host use the same one, and what
// is in it belongs to containers that go on running when k0s is stopped. docs/adr/0043.

import { join } from "node:path";
import { readFileIfExists, writeFileIfChanged } from "../os/files.ts";
import type { NodePaths } from "../product/paths.ts";

export const runDirNoteName = "data-dir";

/** Only with the runtime lock held, when the installation has its record. */
export async function writeRunDirNote({ runDir, dataDir }: NodePaths): Promise<void> {
  await writeFileIfChanged(join(runDir, runDirNoteName), `${dataDir}\n`, { mode: 0o600 });
}

/** A data directory, as it was written: its server may be away by now. Undefined where no k0s, or one that wrote no note, was the last to start. */
export async function readRunDirNote({ runDir }: Pick<NodePaths, "runDir">): Promise<string | undefined> {
  const text = (await readFileIfExists(join(runDir, runDirNoteName)))?.trimEnd();
  return text?.startsWith("/") === true ? text : undefined;
}
