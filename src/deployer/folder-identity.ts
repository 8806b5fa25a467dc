// Which folder it is that a path leads to. docs/adr/0042.

import type { BigIntStats } from "node:fs";
import { statfs } from "node:fs/promises";

/**
 * Inode and birth. The inode of a folder that was removed is the next one's (ext4), and the first folder of any disk of one file
 * system has the same: by the inode alone an empty folder would be the one that held everything. Where a file system does not
 * know when a folder was made, that is 0, and the inode has to do. Not the device: a disk may have another number after a boot.
 */
export function folderIdentity(
  { ino, birthtimeNs }: Pick<BigIntStats, "ino" | "birthtimeNs">,
  fileSystem?: number,
): string {
  return `${ino}:${fileSystem === overlayfs ? 0n : birthtimeNs}`;
}

/**
 * There the birth is that of a copy: a folder of a lower layer is copied by the first change in it, such as the loss of the manifest
 * that came with an image.
 */
const overlayfs = 0x79_4c_76_30;

export async function folderIdentityAt(path: string, info: BigIntStats): Promise<string> {
  return folderIdentity(info, (await statfs(path)).type);
}

/** What an earlier k0s has noted is the inode alone. */
export function isNotedFolder(identity: string, noted: string): boolean {
  return identity === noted || (!noted.includes(":") && identity.startsWith(`${noted}:`));
}
