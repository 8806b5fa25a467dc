// k0s' own directories: what k0s has made in them, and what else lies there and stays.

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { kubeletRootEntries } from "../../components/kubelet/root-entries.ts";
import { dataDirEntries, divideEntries } from "../data-dir-entries.ts";
import { type InstallationRecord, recordFileName } from "../../config/installation-record.ts";
import type { NodePaths } from "../../product/paths.ts";
import { isMountPoint, type Mount, mountsBelow } from "../../os/mounts.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import { diskUsage } from "./disk-usage.ts";
import {
  type FixedPlace,
  type FixedPlaceOptions,
  launcherPlaces,
  runDirContent,
  runDirLock,
} from "./fixed-places.ts";
import type { OwnDirectory } from "./observation.ts";
import {
  isOfKubelet,
  mountsOfOperator,
  ownNamesOn,
  type OwnPlace,
  whyNotEmptied,
} from "./operator-mounts.ts";
import { type Part, partsAround } from "./parts-around.ts";
import { namesIn } from "../../os/names-in.ts";

export interface OwnOptions extends FixedPlaceOptions {
  readonly mounts: readonly Mount[];
  /** Directories that are reached through a symbolic link, which would lead nowhere without them. */
  readonly linked: ReadonlySet<string>;
  readonly measure: boolean;
}

export interface OwnObservation {
  readonly own: readonly OwnDirectory[];
  /** Targets of mounts below what will be deleted, last mounted first. */
  readonly mounts: readonly string[];
  /** Paths of what k0s has not made, and operators' mounts that will be emptied. */
  readonly others: readonly string[];
  /** Operators' mounts that keep what is in them, with the reason. */
  readonly stays: readonly string[];
}

interface Place extends FixedPlace {
  /** Of those in which an operator may have mounted something. */
  readonly kind?: OwnPlace["kind"];
  /** Names that prove the rest: the first that is there counts, and is the last to go. */
  readonly proofs?: readonly string[];
}

interface Found extends Place {
  readonly ours: readonly string[];
  readonly others: readonly string[];
}

export async function observeOwn(options: OwnOptions): Promise<OwnObservation> {
  const { paths, record, mounts } = options;
  const places: Place[] = [
    ...(await runDirContent(options)),
    ...kubeletRoots(paths, record).map((path): Place => ({
      path,
      known: kubeletRootEntries,
      kind: "kubelet",
    })),
    // An older k0s kept no record: it is known by its programs.
    ...(record === undefined
      ? []
      : [
          {
            path: paths.dataDir,
            known: dataDirEntries,
            kind: "data" as const,
            proofs: [recordFileName, "bin"],
          },
        ]),
    ...(await launcherPlaces(options)),
    ...(await runDirLock(options)),
  ];
  const found = (await Promise.all(places.map(look))).flat();
  const doomed = new Set(
    found.flatMap(({ path, kind, ours }) => [
      ...ours.flatMap((name) => mountsBelow(mounts, join(path, name), { itself: true })),
      ...mounts.filter(
        (mount) => mount.target === path && kind !== undefined && isOfKubelet(mounts, { path, kind }, mount),
      ),
    ]),
  );
  const operators = new Map(found.map((one) => [one, operatorsMountsIn(one, mounts)]));
  const kept = new Set([...operators.values()].flat());
  const leaving = mounts.filter((mount) => doomed.has(mount) && !kept.has(mount));
  const remaining = mounts.filter((mount) => !leaving.includes(mount));
  const judged = await Promise.all(
    found.map((one) => divide(one, operators.get(one) ?? [], { ...options, remaining })),
  );
  return {
    own: judged.flatMap(({ own }) => own),
    mounts: leaving.map(({ target }) => target).toReversed(),
    others: judged.flatMap(({ others }) => others),
    stays: judged.flatMap(({ stays }) => stays),
  };
}

/** None if there is no such directory. */
async function look(place: Place): Promise<Found[]> {
  if (!(await isDirectory(place.path))) return [];
  return [{ ...place, ...divideEntries(await namesIn(place.path), place.known) }];
}

function operatorsMountsIn({ path, kind, ours }: Found, mounts: readonly Mount[]): readonly Mount[] {
  return kind === undefined ? [] : mountsOfOperator(mounts, { path, kind }, ours);
}

/** What of one directory goes, in order: what lies on an operator's disks first, the directory itself last. */
async function divide(
  { path, kind = "data", ours, others, proofs = [], quiet = false, keepItself = false }: Found,
  operators: readonly Mount[],
  options: OwnOptions & { readonly remaining: readonly Mount[] },
): Promise<Omit<OwnObservation, "mounts">> {
  const { mounts, remaining, linked, measure } = options;
  const targets = operators.map(({ target }) => target);
  const bytesOf = async ({ path: dir, entries }: Part): Promise<number> => {
    const sizes = await Promise.all(entries.map((name) => diskUsage(join(dir, name), { measure, mounts })));
    return sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  };
  const disks: OwnDirectory[] = [];
  const left: string[] = [];
  const stays: string[] = [];
  for (const mount of operators) {
    const { target, type, source, id, device, root } = mount;
    const why = whyNotEmptied(remaining, mount, { path, kind });
    if (why !== undefined) {
      stays.push(`${target} with its content (${type} ${source} is mounted there; ${why})`);
      continue;
    }
    const there = await namesIn(target);
    const own = ownNamesOn({ path, kind }, target, there);
    for (const part of await partsAround({ path: target, entries: own }, targets))
      disks.push({ ...part, bytes: await bytesOf(part), keepItself: true, mount: { id, device, root } });
    const foreign = there.filter((name) => name !== "lost+found" && !own.includes(name));
    left.push(`the mount of ${source} at ${target}`, ...foreign.map((name) => join(target, name)));
  }
  // A directory with an operator's mount in it cannot be the last to go: it does not go as a whole.
  const isWhole = (name: string): boolean =>
    targets.every((target) => target !== join(path, name) && !target.startsWith(`${join(path, name)}/`));
  const proof = proofs.find((name) => ours.includes(name) && isWhole(name));
  const entries = ours.filter((name) => name !== proof);
  const parts = (await partsAround({ path, entries }, targets)).map((part) => ({
    ...part,
    keepItself: true,
  }));
  const main: OwnDirectory = {
    path,
    entries: parts.at(-1)?.entries ?? [],
    ...(proof === undefined ? {} : { proof }),
    bytes: 0,
    keepItself: keepItself || isMountPoint(remaining, path) || linked.has(path) || targets.length > 0,
  };
  const untouched = ours.length === 0 && (others.length > 0 || main.keepItself);
  const around = await Promise.all(
    parts.slice(0, -1).map(async (part) => ({ ...part, bytes: await bytesOf(part) })),
  );
  const bytes = await bytesOf({ path, entries: [...main.entries, proof ?? []].flat() });
  return {
    own: [
      ...[...disks, ...around].filter((part) => part.entries.length > 0),
      ...(untouched ? [] : [{ ...main, bytes }]),
    ],
    others: [...left, ...(quiet ? [] : others.map((name) => join(path, name)))],
    stays,
  };
}

/** Outside of the data directory, or under another name than the usual one in it. */
function kubeletRoots(paths: NodePaths, record: InstallationRecord | undefined): readonly string[] {
  if (record === undefined) return [];
  const roots = new Set([...record.kubeletRootDirs, paths.kubeletRootDir]);
  return [...roots].filter((root) => root !== join(paths.dataDir, "kubelet"));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return false;
    throw err;
  }
}
