// Whether the path of the database still leads to the file that kine has open. Where somebody has moved it away, or put a copy in
// its place, kine goes on with the old one, and what it acknowledges then is lost with its end. A connection that it opens later
// goes to the other one.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errno, isNotFound } from "../../std/errors.ts";
import type { FileNote } from "./served-files.ts";

/**
 * By device, inode and birth, whose numbers may be larger than JavaScript's. A removed file's inode is the next one's: without the
 * time of its birth a log restored from a backup would be that of the database before.
 */
type FileId = string;

export interface OpenedFile {
  readonly path: string;
  /** A process is about to open it. */
  opening(): Promise<void>;
  /** Whether that is another file than the one from which a process has served. */
  isAnother(): boolean;
  /** Throws when it is another one, and has the log of the one before beside it: SQLite would apply that to it. */
  assertNoForeignLog(): Promise<void>;
  /** Which one the process that was started last has opened. */
  present(): FileId | undefined;
  /** A process serves from this one, which it has opened. */
  serves(file: FileId | undefined): Promise<void>;
  /** What has become of the file that a process has open; undefined if it is still there. */
  fate(pid: number): Promise<"gone" | "replaced" | undefined>;
}

export function openedFile(path: string, note: FileNote): OpenedFile {
  const log = `${path}-wal`;
  let opened: FileId | undefined;
  let served: FileId | undefined;
  let servedLog: FileId | undefined;
  const isAnother = (): boolean => served !== undefined && opened !== served;
  /** Whether the log beside it was that of another file when k0s, or an earlier one, saw it served last. */
  const hasForeignLog = async (): Promise<boolean> => {
    const beside = await fileId(log);
    if (beside === undefined) return false;
    if (served !== undefined) return isAnother() && beside === servedLog;
    const before = await note.read();
    return before?.log !== undefined && before.log === lasting(beside) && before.database !== lasting(opened);
  };
  return {
    path,
    async opening() {
      opened = await fileId(path);
    },
    isAnother,
    async assertNoForeignLog() {
      if (!(await hasForeignLog())) return;
      throw new Error(
        `the database ${path} was replaced, and ${log} belongs to the one before: put that back, or move ${log} away, too; if the two belong together, remove ${note.path} and start k0s again`,
      );
    },
    present: () => opened,
    async serves(file) {
      const beside = await fileId(log);
      if (file === undefined || (await fileId(path)) !== file) return;
      if (file === served && beside === servedLog) return;
      served = file;
      servedLog = beside;
      const database = lasting(file);
      if (database !== undefined) await note.write({ database, log: lasting(beside) });
    },
    async fate(pid) {
      const there = await fileId(path);
      if (there === opened) return undefined;
      const open = await openFiles(pid);
      // Some file systems give a file another number once it is written to.
      if (there !== undefined && open.has(there) && (opened === undefined || !open.has(opened))) {
        opened = there;
        return undefined;
      }
      return there === undefined ? "gone" : "replaced";
    },
  };
}

/** Without the device, whose number a reboot may change. Undefined without a birth: the inode alone may be given again. */
function lasting(id: FileId | undefined): string | undefined {
  const [, inode, birth] = id?.split(":") ?? [];
  return birth === undefined || birth === "0" ? undefined : `${inode}:${birth}`;
}

/** Undefined: there is none. */
async function fileId(path: string): Promise<FileId | undefined> {
  try {
    // Where a file system does not know the birth, it is 0 for all.
    const { dev, ino, birthtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

/** Those of a process; none if it has ended meanwhile. */
async function openFiles(pid: number): Promise<ReadonlySet<FileId>> {
  const dir = `/proc/${pid}/fd`;
  try {
    const ids = await Promise.all((await readdir(dir)).map((name) => fileId(join(dir, name))));
    return new Set(ids.filter((id) => id !== undefined));
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ESRCH") return new Set();
    throw err;
  }
}
