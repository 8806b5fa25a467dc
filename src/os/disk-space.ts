// Room and the right to write, asked before anything is changed.

import { open, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errno, UserError } from "../std/errors.ts";
import { statIfExists } from "./files.ts";

/** Bytes that we may still write at `path`, which need not exist yet. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(await nearestExisting(path));
  return bavail * bsize;
}

/** Throws a UserError if the place is read-only, full, forbidden, or has less than `bytes` left. Leaves nothing. */
export async function assertWritable(path: string, bytes = 0): Promise<void> {
  const dir = await nearestExisting(path);
  await tryToWrite(dir, path);
  const free = await freeBytes(dir);
  if (free >= bytes) return;
  throw new UserError(`Not enough space for ${path}: ${bytes - free} bytes are missing.`, {
    hint: "Free some space, or choose another place with --data-dir.",
    code: "disk-full",
  });
}

async function tryToWrite(dir: string, path: string): Promise<void> {
  const probe = join(dir, `.k0s-probe-${process.pid}-${crypto.randomUUID().slice(0, 8)}`);
  try {
    const handle = await open(probe, "wx", 0o600);
    try {
      await handle.writeFile(new Uint8Array(4096));
      await handle.sync();
    } finally {
      await handle.close();
      await rm(probe, { force: true });
    }
  } catch (err) {
    const why = reasons[errno(err) ?? ""];
    if (why === undefined) throw err;
    throw new UserError(`Cannot write to ${path}: ${why}.`, {
      hint: "Mend that, or choose another place with --data-dir.",
      code:
        errno(err) === "EROFS"
          ? "read-only-file-system"
          : errno(err) === "ENOSPC"
            ? "disk-full"
            : "not-writable",
      cause: err,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOTDIR: "a part of the path is not a directory",
};

async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if ((await statIfExists(at)) !== undefined || at === dirname(at)) return at;
  }
}
