// The mount table, and unmounting what lies below a directory. Upstream: pkg/cleanup.

import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { cString, lastErrno, libc, ptr, systemError } from "./libc.ts";

export interface Mount {
  readonly id: number;
  readonly parentId: number;
  /** major:minor of the file system; the same for all mounts of it. */
  readonly device: string;
  /** The directory of the file system that is mounted. */
  readonly root: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** All mounts that this process sees, oldest first. */
export async function listMounts(path = "/proc/self/mountinfo"): Promise<readonly Mount[]> {
  return parseMountInfo(await readFile(path, "utf8"));
}

/** Parses the format of proc(5), mountinfo. */
export function parseMountInfo(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line) => {
    const [left, right] = line.split(" - ");
    if (left === undefined || right === undefined) return [];
    const [id, parentId, device, root, target, options] = left.split(" ");
    const [type, source, superOptions] = right.split(" ");
    if (id === undefined || parentId === undefined || root === undefined || target === undefined) return [];
    return [
      {
        id: Number(id),
        parentId: Number(parentId),
        device: device ?? "",
        root: unescape(root),
        target: unescape(target),
        options: options?.split(",") ?? [],
        type: type ?? "",
        source: unescape(source ?? ""),
        superOptions: superOptions?.split(",") ?? [],
      },
    ];
  });
}

/** The mounts strictly below `dir`, and at it if asked, last mounted first: the order to unmount in. */
export function mountsBelow(
  mounts: readonly Mount[],
  dir: string,
  options: { itself?: boolean } = {},
): readonly Mount[] {
  const base = resolve(dir);
  const prefix = base === "/" ? "/" : `${base}/`;
  return mounts
    .filter(({ target }) => (target === base ? options.itself === true : target.startsWith(prefix)))
    .toReversed();
}

/** The mount that a path lies on, as the kernel tells paths: the longest target wins, among equals the last one. */
export function mountHolding(mounts: readonly Mount[], path: string): Mount | undefined {
  const holds = ({ target }: Mount): boolean =>
    target === "/" || path === target || path.startsWith(`${target}/`);
  return mounts
    .filter(holds)
    .reduce<Mount | undefined>(
      (best, mount) => (best === undefined || mount.target.length >= best.target.length ? mount : best),
      undefined,
    );
}

/**
 * The visible mount of each target: nothing is mounted over it, or over a directory that leads to it. At most one for each
 * target.
 */
export function isReached(mounts: readonly Mount[], mount: Mount): boolean {
  if (mountHolding(mounts, mount.target) !== mount) return false;
  const above = mounts.filter(({ target }) => target !== mount.target);
  return mount.target === "/" || mountHolding(above, dirname(mount.target))?.id === mount.parentId;
}

/** True if it shows the very directory that it is mounted on: unmounting it changes no file. */
export function isBoundToItself(mounts: readonly Mount[], { target, device, root }: Mount): boolean {
  const below = mountHolding(
    mounts.filter((other) => other.target !== target),
    target,
  );
  return below?.device === device && join(below.root, relative(below.target, target)) === root;
}

/** True if something is mounted exactly at `dir`. */
export function isMountPoint(mounts: readonly Mount[], dir: string): boolean {
  return mounts.some((mount) => mount.target === resolve(dir));
}

/** Unmounts everything below `dir`, lazily where it is busy; a mount at `dir` itself stays. Returns the targets. @public */
export async function unmountBelow(dir: string): Promise<readonly string[]> {
  const targets = mountsBelow(await listMounts(), dir).map((mount) => mount.target);
  for (const target of targets) unmount(target);
  const left = mountsBelow(await listMounts(), dir);
  if (left.length > 0) throw new Error(`still mounted: ${left.map((mount) => mount.target).join(", ")}`);
  return targets;
}

/**
 * Unmounts one target without following a symbolic link; lazily if it is busy; gone already is fine. By force: at once, for
 * everybody, and requests to its server that are under way fail. There is no time limit here: see unmount-all.ts.
 */
export function unmount(target: string, { force = false }: { readonly force?: boolean } = {}): void {
  const path = cString(target);
  const first = force ? MNT_FORCE | MNT_DETACH : 0;
  if (libc().umount2(ptr(path), UMOUNT_NOFOLLOW | first) === 0) return;
  if (lastErrno() === EBUSY && libc().umount2(ptr(path), UMOUNT_NOFOLLOW | MNT_DETACH) === 0) return;
  const number = lastErrno();
  if (number === ENOENT || number === EINVAL) return;
  throw systemError("umount", number, target);
}

/** File systems that belong to one machine: others are shared, hang with their server, or came with data, as on a stick. */
export const localTypes: ReadonlySet<string> = new Set([
  "bcachefs",
  "btrfs",
  "ext2",
  "ext3",
  "ext4",
  "f2fs",
  "jfs",
  "reiserfs",
  "tmpfs",
  "xfs",
  "zfs",
]);

const UMOUNT_NOFOLLOW = 8;
const MNT_FORCE = 1;
const MNT_DETACH = 2;
const ENOENT = 2;
const EBUSY = 16;
const EINVAL = 22;

/** Blanks, tabs, newlines and backslashes are written as octal. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
