// Mounts below k0s' own directories that an operator made: a disk for etcd, a directory of elsewhere bound to where images are
// looked for. k0s and its programs mount below kubelet's pods and plug-ins and containerd's directories only. An operator's mount
// stays where it is; its content goes if it can be shown to be k0s' alone.

import { join } from "node:path";
import { isBoundToItself, isReached, localTypes, type Mount, mountsBelow } from "../../os/mounts.ts";
import { dataDirContent, dataDirFiles, isOfPrograms } from "../data-dir-entries.ts";

/** A directory of k0s: its data directory, or a root of kubelet elsewhere. */
export interface OwnPlace {
  readonly path: string;
  readonly kind: "data" | "kubelet";
}

/** Those at or below these entries of an own directory that no program of k0s' makes. */
export function mountsOfOperator(
  mounts: readonly Mount[],
  place: OwnPlace,
  entries: readonly string[],
): readonly Mount[] {
  return entries
    .flatMap((name) => mountsBelow(mounts, join(place.path, name), { itself: true }))
    .filter((mount) => !isOfPrograms(below(place, mount.target)) && !isOfKubelet(mounts, place, mount));
}

/**
 * kubelet binds its root to itself where mounts are not shared, which they are only where somebody like systemd made
 * them so: pods with bidirectional propagation need it.
 */
export function isOfKubelet(mounts: readonly Mount[], place: OwnPlace, mount: Mount): boolean {
  return below(place, mount.target) === "kubelet" && isBoundToItself(mounts, mount);
}

/**
 * Why the content of an operator's mount is not known to be k0s' alone, as the end of a sentence; undefined if it is.
 * `mounts` are those that will remain, this one among them.
 */
export function whyNotEmptied(mounts: readonly Mount[], mount: Mount, place: OwnPlace): string | undefined {
  if (!isPlaceOfK0s(below(place, mount.target))) return "k0s has no directory of that name there";
  if (!localTypes.has(mount.type)) return `${mount.type} can be shared with others`;
  if ([...mount.options, ...mount.superOptions].includes("ro")) return "it is mounted read-only";
  if (!isWhole(mount)) return `it is the directory ${mount.root} of a larger file system`;
  if (mounts.some((other) => other !== mount && other.target === mount.target))
    return "several things are mounted on each other there";
  if (!isReached(mounts, mount)) return "another mount hides it";
  const elsewhere = mounts.find((other) => other !== mount && showsTheSame(other, mount));
  return elsewhere === undefined ? undefined : `it is also mounted at ${elsewhere.target}`;
}

/** Names in the root of a file system that k0s' programs make there; all others are somebody else's. */
export function ownNamesOn(place: OwnPlace, target: string, names: readonly string[]): readonly string[] {
  const path = below(place, target);
  const known = dataDirContent.get(path) ?? dataDirFiles.get(path) ?? /^/;
  return names.filter((name) => name !== "lost+found" && known.test(name));
}

/** As a path of the data directory, in which kubelet's root usually is. */
function below({ path, kind }: OwnPlace, target: string): string {
  const inside = target.slice(path.length + 1);
  return kind === "kubelet" ? join("kubelet", inside) : inside;
}

/** Directories that k0s or its programs make under fixed names: those of which a disk of its own is the content. */
function isPlaceOfK0s(path: string): boolean {
  const names = path.split("/");
  return names.every((name, depth) => {
    if (depth === 0) return true;
    return dataDirContent.get(names.slice(0, depth).join("/"))?.test(name) === true;
  });
}

/** A subvolume of btrfs is one, though it is mounted from below the root of its file system. */
function isWhole({ root, type, superOptions }: Mount): boolean {
  return root === "/" || (type === "btrfs" && superOptions.includes(`subvol=${root}`));
}

/** Some of the files can be reached through both. */
function showsTheSame(a: Mount, b: Mount): boolean {
  return a.device === b.device && (isAtOrBelow(a.root, b.root) || isAtOrBelow(b.root, a.root));
}

function isAtOrBelow(path: string, dir: string): boolean {
  return path === dir || path.startsWith(dir === "/" ? "/" : `${dir}/`);
}
