// Whether the kernel lets a user do something with a file: by its mode and owner, and by its POSIX access list if it
// has one. acl(5)

import { cString, lastErrno, libc, ptr, systemError } from "./libc.ts";
import type { UserId } from "./user-id.ts";

export interface AccessEntry {
  readonly tag: "owner" | "user" | "owning group" | "group" | "mask" | "others";
  /** Of the user or group that is named. */
  readonly id: number;
  /** Sum of 4 to read, 2 to write, 1 to execute or pass through. */
  readonly bits: number;
}

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * `bits` is a sum of 4 to read, 2 to write, 1 to pass through: all of them by one entry. The user has no further groups. For the owner
 * and for named users that entry alone counts; with a list, the mode's group bits are the mask of all but owner and others. Without any
 * of them the kernel does not look into the list.
 */
export function allows(
  { mode, uid, gid }: Owned,
  list: readonly AccessEntry[],
  user: UserId,
  bits: number,
): boolean {
  if (uid === user.uid) return covers(mode >> 6, bits);
  const isRead = list.length > 0 && (mode & 0o070) !== 0;
  if (!isRead) return covers(gid === user.gid ? mode >> 3 : mode, bits);
  const has = (entry: AccessEntry): boolean => covers(entry.bits, bits);
  const unmasked = list.filter(({ tag }) => tag === "mask").every(has);
  const named = list.find(({ tag, id }) => tag === "user" && id === user.uid);
  if (named !== undefined) return unmasked && has(named);
  const groups = list.filter(
    ({ tag, id }) => (tag === "owning group" && gid === user.gid) || (tag === "group" && id === user.gid),
  );
  if (groups.length > 0) return unmasked && groups.some(has);
  return covers(mode, bits);
}

function covers(given: number, bits: number): boolean {
  return (given & bits) === bits;
}

/** Empty if it has only its mode, or the file system has no such lists. Links are followed. */
export function readAccessList(path: string): readonly AccessEntry[] {
  const name = cString("system.posix_acl_access");
  const file = cString(path);
  const value = Buffer.alloc(65_536);
  const size = Number(libc().getxattr(ptr(file), ptr(name), ptr(value), value.length));
  if (size >= 0) return parseAccessList(value.subarray(0, size));
  const number = lastErrno();
  if ([ENOENT, ENOTDIR, ENODATA, EOPNOTSUPP].includes(number)) return [];
  throw systemError("getxattr", number, path);
}

/** The format of linux/posix_acl_xattr.h: a version, then entries of tag, permissions and id, little-endian. */
export function parseAccessList(value: Buffer): readonly AccessEntry[] {
  if (value.length < 4 || value.readUInt32LE(0) !== 2) return [];
  const entries: AccessEntry[] = [];
  for (let at = 4; at + 8 <= value.length; at += 8) {
    const tag = tags[value.readUInt16LE(at)];
    if (tag !== undefined)
      entries.push({ tag, bits: value.readUInt16LE(at + 2), id: value.readUInt32LE(at + 4) });
  }
  return entries;
}

const tags: Readonly<Record<number, AccessEntry["tag"]>> = {
  1: "owner",
  2: "user",
  4: "owning group",
  8: "group",
  16: "mask",
  32: "others",
};

const ENOENT = 2;
const ENOTDIR = 20;
const ENODATA = 61;
const EOPNOTSUPP = 95;
