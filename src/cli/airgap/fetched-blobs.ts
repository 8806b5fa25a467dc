// The folder that holds what has been fetched for a bundle until the bundle is whole. Beside a file it stays after a failure,
// so that the same command goes on from there; for standard output it is gone with the process.

import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { makeDir } from "../../os/files.ts";
import { type FileLock, tryLock } from "../../os/flock.ts";
import { removeEmptyDirectory, removeFile } from "../../os/removal.ts";
import { UserError } from "../../std/errors.ts";

export interface FetchedBlobs {
  readonly dir: string;
  /** Whether there is something that a later run finds again. */
  isOfUse(): Promise<boolean>;
  remove(): Promise<void>;
  close(): void;
}

/** Throws a UserError while another command writes the same bundle. */
export async function fetchedBlobs(output: string | undefined): Promise<FetchedBlobs> {
  const dir =
    output === undefined ? await mkdtemp(join(tmpdir(), "k0s-bundle-")) : folderBeside(resolve(output));
  await makeDir(dir, { mode: 0o700 });
  const lock = lockOf(dir);
  return {
    dir,
    isOfUse: async () => output !== undefined && (await readdir(dir)).some((name) => blobName.test(name)),
    async remove() {
      // Only what has the names that are given here; anything else keeps the folder.
      for (const name of await readdir(dir))
        if (name === lockName || blobName.test(name)) await removeFile(join(dir, name));
      await removeEmptyDirectory(dir);
    },
    close: () => lock.release(),
  };
}

const lockName = "lock";
const blobName = /^sha256-[0-9a-f]{64}(?:\.part)?$/;

/** With a leading dot: in a node's folder of images it is not taken for a bundle. */
function folderBeside(output: string): string {
  return join(dirname(output), `.${basename(output)}.k0s-fetched`);
}

function lockOf(dir: string): FileLock {
  const lock = tryLock(join(dir, lockName));
  if (lock !== undefined) return lock;
  throw new UserError(`another k0s fetches into ${dir}`, {
    code: "busy",
    hint: "Wait until it has ended, or give another --output.",
  });
}
