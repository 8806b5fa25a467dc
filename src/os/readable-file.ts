// Whether another user can read a file, or write in a directory: checked before a process of that user fails over it.

import { dirname } from "node:path";
import { allows, readAccessList } from "./access-list.ts";
import { statIfExists } from "./files.ts";
import type { UserId } from "./user-id.ts";

/** Why `user` cannot read the file at an absolute path; undefined if it can. */
export async function unreadableBecause(path: string, user: UserId): Promise<string | undefined> {
  const file = await statIfExists(path);
  if (file === undefined) return `${path} does not exist`;
  if (!file.isFile()) return `${path} is no file`;
  if (user.uid === 0) return undefined;
  if (!allows(file, readAccessList(path), user, 0o4)) return `${path} is not readable for user ${user.uid}`;
  return unreachableBecause(path, user);
}

/** Why `user` cannot make files in an existing directory; undefined if it can. */
export async function unwritableBecause(dir: string, user: UserId): Promise<string | undefined> {
  const info = await statIfExists(dir);
  if (info === undefined) return `${dir} does not exist`;
  if (!info.isDirectory()) return `${dir} is not a directory`;
  if (user.uid === 0) return undefined;
  const list = readAccessList(dir);
  if (!allows(info, list, user, 0o3)) return `${dir} is not writable for user ${user.uid}`;
  return unreachableBecause(dir, user);
}

async function unreachableBecause(path: string, user: UserId): Promise<string | undefined> {
  for (let dir = dirname(path); dir !== dirname(dir); dir = dirname(dir)) {
    const parent = await statIfExists(dir);
    if (parent === undefined || !allows(parent, readAccessList(dir), user, 0o1))
      return `${dir} is closed to user ${user.uid}`;
  }
  return undefined;
}
