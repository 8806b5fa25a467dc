// Which folder it is that a path leads to. docs/adr/0042.

import type { BigIntStats } from "node:fs";

/**
 * Inode and birth. The inode of a folder that was removed is the next one's (ext4), and the first folder of any disk of one file
 * system has the same: by the inode alone an empty folder would be the one that held everything. Where a file system does not
 * know when a folder was made, that is 0, and the inode has to do. Not the device: a disk may have another number after a boot.
 */
export function folderIdentity({ ino, birthtimeNs }: Pick<BigIntStats, "ino" | "birthtimeNs">): string {
  return `${ino}:${birthtimeNs}`;
}

/** What an earlier k0s has noted is the inode alone. */
export function isNotedFolder(identity: string, noted: string): boolean {
  return identity === noted || (!noted.includes(":") && identity.startsWith(`${noted}:`));
}
