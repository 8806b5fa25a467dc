// Who has a file open for writing, by /proc: a file that is still open for writing is not finished, even when nothing
// has been added for long.

import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { errno } from "../std/errors.ts";

export interface FileWriter {
  readonly pid: number;
  /** As it was asked for. */
  readonly path: string;
}

/**
 * The first process found that has one of `paths` open for writing, under any name of a directory or mount. Only
 * processes of this kernel and pid namespace that we may look into are seen; rejects if a path cannot be looked at.
 */
export async function findWriter(paths: readonly string[]): Promise<FileWriter | undefined> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const { dev, ino } = await stat(path, { bigint: true });
      return { path, dev, ino };
    }),
  );
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const directory = `/proc/${pid}/fd`;
    for (const fd of await unlessGone(readdir(directory), [])) {
      const link = join(directory, fd);
      const target = await unlessGone(readlink(link), "");
      // Looking at every descriptor itself would ask file systems that may not answer.
      if (!files.some(({ path }) => basename(path) === basename(target))) continue;
      const info = await unlessGone(stat(link, { bigint: true }), undefined);
      const file = files.find(({ dev, ino }) => dev === info?.dev && ino === info.ino);
      if (file !== undefined && (await isForWriting(pid, fd))) return { pid: Number(pid), path: file.path };
    }
  }
  return undefined;
}

/** O_WRONLY or O_RDWR among the flags, which are octal. */
async function isForWriting(pid: string, fd: string): Promise<boolean> {
  const text = await unlessGone(readFile(`/proc/${pid}/fdinfo/${fd}`, "utf8"), "");
  const flags = /^flags:\s+([0-7]+)$/m.exec(text)?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & 3) !== 0;
}

/** Processes and descriptors come and go while we look; those of others we may not see. */
async function unlessGone<T>(look: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await look;
  } catch (err) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errno(err) ?? "")) return otherwise;
    throw err;
  }
}
