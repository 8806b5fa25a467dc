// Which parts have to be unpacked, and which files of former versions go: wanted and observed in, steps out.

import type { PayloadPart } from "./index-schema.ts";

export interface WantedPart {
  readonly part: PayloadPart;
  /** Real path of the directory. */
  readonly dir: string;
  /** The directory belongs to this part alone and is replaced as a whole. */
  readonly own: boolean;
}

export interface ObservedPart {
  readonly name: string;
  readonly sha256: string;
  readonly dir: string;
  readonly paths: readonly string[];
  /** The files are in place and unchanged since they were staged. */
  readonly intact: boolean;
}

export type StagingStep =
  | { readonly kind: "unpack"; readonly part: PayloadPart; readonly dir: string; readonly own: boolean }
  /** Files of a part, or of a former version of it, that the k0s file does not have any more. */
  | { readonly kind: "remove"; readonly dir: string; readonly paths: readonly string[] };

/** `known` are all parts of the k0s file, wanted or not: what it does not know is left from another version. */
export function planStaging(
  wanted: readonly WantedPart[],
  observed: readonly ObservedPart[],
  known: readonly PayloadPart[],
): readonly StagingStep[] {
  const seen = new Map(observed.map((part) => [part.name, part]));
  const unpack = wanted
    .filter(({ part, dir }) => !isCurrent(seen.get(part.name), part, dir))
    .map((want): StagingStep => ({ kind: "unpack", ...want }));
  return [...unpack, ...removals(wanted, observed, known)];
}

function isCurrent(observed: ObservedPart | undefined, part: PayloadPart, dir: string): boolean {
  if (observed === undefined || !observed.intact || observed.sha256 !== part.sha256) return false;
  return part.loader === undefined || observed.dir === dir;
}

function removals(
  wanted: readonly WantedPart[],
  observed: readonly ObservedPart[],
  known: readonly PayloadPart[],
): readonly StagingStep[] {
  const shared = wanted.filter((want) => !want.own);
  const [first] = shared;
  if (first === undefined) return [];
  const { dir } = first;
  // What others of this directory have, too: a program of a former part may be a link of one that is not wanted now.
  const here = known.filter(({ kind }) => kind === first.part.kind);
  const keep = new Set(here.flatMap((part) => [...part.files, ...part.links].map((entry) => entry.path)));
  const paths = observed.flatMap((part) => {
    const now = shared.find((want) => want.part.name === part.name);
    if (now === undefined && here.some(({ name }) => name === part.name)) return []; // staged by another role of this node
    const gone = part.paths.filter((path) => !keep.has(path));
    return now === undefined ? [...gone, `.part-${part.name}.json`] : gone;
  });
  return paths.length === 0 ? [] : [{ kind: "remove", dir, paths }];
}
