// The folder that holds what has been fetched for a bundle until the bundle is whole. Beside a file it stays after a failure,
// so that the same command goes on from there; for standard output it is gone with the process.

import type { Stats } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, stat } from "node:fs/promises";
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
  const parent = dirname(dir);
  await makeDir(parent);
  try {
    await mkdir(dir, { mode: 0o700 });
    // Of a file system without owners, as on a stick, it is what the mount says.
    return;
  } catch (err) {
    if (errno(err) !== "EEXIST") throw writeFailure(dir, err);
  }
  const why = strangeness(await lstat(dir), [process.geteuid?.(), (await stat(parent)).uid]);
  if (why === undefined) return;
  throw new UserError(`${dir} is not used, since it ${why}`, {
    code: "output",
    hint: "What is fetched lies there until the bundle is whole. Remove it, or give another --output.",
  });
}

/**
 * Why others could change what lies in a folder that was there before; undefined: they cannot. Trusted with it are this user
 * and the owner of the directory around it, who can put anything in its place anyway.
 */
export function strangeness(
  folder: Pick<Stats, "isDirectory" | "mode" | "uid">,
  trusted: readonly (number | undefined)[],
): string | undefined {
  if (!folder.isDirectory()) return "is not a directory";
  if (!trusted.includes(folder.uid)) return "belongs to another user";
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
