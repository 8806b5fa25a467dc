// Whether another user can read a file: asked before a process of that user fails with a message of its own.

import { dirname } from "node:path";
import { statIfExists } from "./files.ts";
import type { UserId } from "./user-id.ts";

/** Why `user` cannot read the file at an absolute path; undefined if it can. */
export async function unreadableBecause(path: string, user: UserId): Promise<string | undefined> {
  const file = await statIfExists(path);
  if (file === undefined) return `${path} does not exist`;
  if (!file.isFile()) return `${path} is no file`;
  if (user.uid === 0) return undefined;
  if (!allows(file, user, 0o4)) return `${path} is not readable for user ${user.uid}`;
  for (let dir = dirname(path); dir !== dirname(dir); dir = dirname(dir)) {
    const parent = await statIfExists(dir);
    if (parent === undefined || !allows(parent, user, 0o1)) return `${dir} is closed to user ${user.uid}`;
  }
  return undefined;
}

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** `bit` is 4 to read, 1 to pass through. */
function allows({ mode, uid, gid }: Owned, user: UserId, bit: number): boolean {
  if (uid === user.uid) return (mode & (bit << 6)) !== 0;
  return (mode & (gid === user.gid ? bit << 3 : bit)) !== 0;
}
