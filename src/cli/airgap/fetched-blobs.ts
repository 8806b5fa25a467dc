// The folder that holds what has been fetched for a bundle until the bundle is whole. Beside a file it stays after a failure,
// so that the same command goes on from there; for standard output it is gone with the process.

import type { Stats } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { makeDir, writeFailure } from "../../os/files.ts";
import { type FileLock, tryLock } from "../../os/flock.ts";
import { removeEmptyDirectory, removeFile } from "../../os/removal.ts";
import { errno, UserError } from "../../std/errors.ts";
import { diskFailure } from "./output.ts";

export interface FetchedBlobs {
  readonly dir: string;
  /** Whether there is something that a later run finds again. */
  isOfUse(): Promise<boolean>;
  remove(): Promise<void>;
  close(): void;
}

/** Throws a UserError while another command writes the same bundle, and where others could change what is fetched. */
export async function fetchedBlobs(output: string | undefined): Promise<FetchedBlobs> {
  const dir =
    output === undefined ? await mkdtemp(join(tmpdir(), "k0s-bundle-")) : folderBeside(resolve(output));
  await makeOwnFolder(dir);
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

/**
 * Its name can be foreseen, so somebody else may have made it before, with links in it to what they want to have
 * overwritten. Once it is ours nobody can put another one in its place, if others cannot rename in the directory around it.
 */
async function makeOwnFolder(dir: string): Promise<void> {
  await makeDir(dirname(dir));
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (err) {
    if (errno(err) !== "EEXIST") throw writeFailure(dir, err);
  }
  const why = strangeness(await lstat(dir), process.geteuid?.());
  if (why === undefined) return;
  throw new UserError(`${dir} is not used, since it ${why}`, {
    code: "output",
    hint: "What is fetched lies there until the bundle is whole. Remove it, or give another --output.",
  });
}

/** Why others could change what lies in a folder; undefined: they cannot. */
export function strangeness(
  folder: Pick<Stats, "isDirectory" | "mode" | "uid">,
  user?: number,
): string | undefined {
  if (!folder.isDirectory()) return "is not a directory";
  if (folder.uid !== user) return "belongs to another user";
  return (folder.mode & 0o022) === 0 ? undefined : "can be written by others";
}

function lockOf(dir: string): FileLock {
  let lock: FileLock | undefined;
  try {
    lock = tryLock(join(dir, lockName), { noFollow: true });
  } catch (err) {
    throw diskFailure(err) ?? err;
  }
  if (lock !== undefined) return lock;
  throw new UserError(`another k0s fetches into ${dir}`, {
    code: "busy",
    hint: "Wait until it has ended, or give another --output.",
  });
}
