// Whether a directory or file of a sandbox is ours: nobody else can have put it there, or can change it.

import { constants, type Stats } from "node:fs";
import { lstat, open, stat } from "node:fs/promises";
import { errno, isNotFound, UserError } from "../std/errors.ts";

/** Writable by the group or by everybody. */
const writableByOthers = 0o022;

/** Why it is not ours alone, or undefined. `uid`: ours. */
export function notOurs(
  info: Pick<Stats, "uid" | "mode"> & { isDirectory(): boolean; isFile(): boolean },
  kind: "directory" | "file",
  uid: number,
): string | undefined {
  if (!(kind === "directory" ? info.isDirectory() : info.isFile())) return `it is no ${kind}`;
  if (info.uid !== uid) return `it belongs to user ${info.uid}`;
  return (info.mode & writableByOthers) === 0 ? undefined : "others may write to it";
}

/**
 * Throws a `UserError` when a directory is there that is not ours alone. `base` may be a link, since only the owner of
 * its directory can have made it; what lies in `base` may not.
 */
export async function requireOwnDirectories(base: string, ...below: readonly string[]): Promise<void> {
  await requireOwnDirectory(base, stat);
  for (const path of below) await requireOwnDirectory(path, lstat);
}

export async function isOwnDirectory(path: string): Promise<boolean> {
  try {
    return notOurs(await lstat(path), "directory", ownUid()) === undefined;
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}

/** The text of a file that is ours alone; undefined if there is none. Never that of a link's target. */
export async function readOwnFile(path: string): Promise<string | undefined> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
    if (errno(err) === "ELOOP") throw foreign(path, "it is no file");
    throw err;
  }
  try {
    const why = notOurs(await file.stat(), "file", ownUid());
    if (why !== undefined) throw foreign(path, why);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function requireOwnDirectory(path: string, look: (path: string) => Promise<Stats>): Promise<void> {
  try {
    const why = notOurs(await look(path), "directory", ownUid());
    if (why !== undefined) throw foreign(path, why);
  } catch (err) {
    if (!isNotFound(err) && errno(err) !== "ENOTDIR") throw err;
  }
}

function foreign(path: string, why: string): UserError {
  return new UserError(`${path} was not made by k0s: ${why}`, {
    hint: "Nothing was changed. See where it comes from, and move it away.",
    code: "foreign-sandbox",
  });
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}
