// Whose the run directory is: there is one on a host, whatever the data directory, and in it is the state of containers
// that go on while k0s is stopped. Nothing in it is touched before that is clear.

import { join } from "node:path";
import { recordFileName } from "../../config/installation-record.ts";
import { defaultDataDir, type NodePaths } from "../../product/paths.ts";
import { readRunDirNote } from "../../config/run-dir-note.ts";
import { answering, assertAnswering } from "../../os/answering.ts";
import { linkTarget, statIfExists } from "../../os/files.ts";
import { realPath } from "../../os/real-path.ts";
import { UserError } from "../../std/errors.ts";
import { findManagedProcesses } from "../../supervisor/managed-processes.ts";
import { namesIn } from "../../os/names-in.ts";

export interface RunDirFacts {
  readonly dataDir: string;
  /** The data directory has a proof of its installation. */
  readonly proven: boolean;
  /** The data directory that k0s has noted in it, at its last start. */
  readonly note: string | undefined;
  /** Data directories in which containerd keeps what belongs to the containers here. */
  readonly containersOf: readonly string[];
  /** Those of all these that have a record, or do not answer. */
  readonly recorded: readonly string[];
  /** Names in it. */
  readonly entries: readonly string[];
}

export type RunDirOwner =
  /** Of the installation that is to be removed. */
  | { readonly kind: "ours" }
  | {
      readonly kind: "another's";
      readonly dataDirs: readonly string[];
      /** The note is that of this installation all the same, and goes with it. */
      readonly noteIsOurs: boolean;
    }
  /** Of this data directory, in which there is no proof any more: its disk may be away. */
  | { readonly kind: "left behind" }
  /** There is something in it, and nothing says whose it is. */
  | { readonly kind: "nobody's" };

/**
 * The note counts, and containers of an installation that is still there. Where an older k0s left no note, containers count
 * alone. A data directory that was moved is not another one: the note is that of its last start. Against an
 * installation with a proof the note of one that is gone, without a record and without containers, says nothing.
 */
export function runDirOwner(facts: RunDirFacts): RunDirOwner {
  const { dataDir, proven, note, containersOf, recorded, entries } = facts;
  const containers = containersOf.filter((dir) => note === undefined || recorded.includes(dir));
  const noteCounts =
    note !== undefined && (!proven || recorded.includes(note) || containersOf.includes(note));
  const others = [...(noteCounts ? [note] : []), ...containers].filter((dir) => dir !== dataDir);
  if (others.length > 0)
    return { kind: "another's", dataDirs: [...new Set(others)], noteIsOurs: note === dataDir };
  // Without the note, with nothing but the lock that reset itself holds, there is nothing to take from anybody.
  const bare = entries.every((name) => name === lockName);
  if (proven || bare) return { kind: "ours" };
  return { kind: note === undefined && containersOf.length === 0 ? "nobody's" : "left behind" };
}

const lockName = "k0s.yaml.lock";

export async function observeRunDirOwner(paths: NodePaths, proven: boolean): Promise<RunDirOwner> {
  const [noted, ofContainers, entries] = await Promise.all([
    readRunDirNote(paths),
    dataDirsOfContainers(paths),
    namesIn(paths.runDir),
  ]);
  const known = await knownDirectories([...(noted === undefined ? [] : [noted]), ...ofContainers]);
  const real = (dir: string): string => known.get(dir)?.path ?? dir;
  return runDirOwner({
    dataDir: paths.dataDir,
    proven,
    note: noted === undefined ? undefined : real(noted),
    containersOf: [...new Set(ofContainers.map(real))],
    recorded: [...known.values()].filter(({ isThere }) => isThere).map(({ path }) => path),
    entries,
  });
}

interface KnownDirectory {
  /** The real one, if it answers. */
  readonly path: string;
  /** It has a record, or does not answer: then nobody knows. */
  readonly isThere: boolean;
}

/** By the names under which they were found. Only those that answer are looked at: the server of another's may be away. */
async function knownDirectories(dirs: readonly string[]): Promise<ReadonlyMap<string, KnownDirectory>> {
  const found = [...new Set(dirs)];
  const answered = await answering(found);
  const known = new Map<string, KnownDirectory>();
  for (const [index, dir] of found.entries()) {
    const path = answered[index] === true ? realPath(dir) : dir;
    known.set(dir, { path, isThere: answered[index] !== true || (await holdsRecord(path)) });
  }
  return known;
}

/** containerd links each container's bundle to the working directory that it has below its root. */
async function dataDirsOfContainers({ containerdStateDir }: NodePaths): Promise<string[]> {
  const tasks = join(containerdStateDir, "io.containerd.runtime.v2.task", "k8s.io");
  const found = new Set<string>();
  for (const id of await namesIn(tasks)) {
    const work = await linkTarget(join(tasks, id, "work"));
    const end = `/containerd/io.containerd.runtime.v2.task/k8s.io/${id}`;
    if (work?.endsWith(end) === true) found.add(work.slice(0, -end.length));
  }
  return [...found];
}

/** In any state and format: a spoilt one, or one of a newer k0s, still counts. */
async function holdsRecord(dataDir: string): Promise<boolean> {
  return (await statIfExists(join(dataDir, recordFileName))) !== undefined;
}

/**
 * For a data directory in which nothing proves an installation. Throws a UserError where another one is on this host,
 * or this one has only lost its directory; nothing has been changed then.
 */
export async function assertNothingElse(paths: NodePaths, owner: RunDirOwner): Promise<void> {
  const { dataDir, runDir } = paths;
  await assertAnswering([defaultDataDir]);
  const usual = realPath(defaultDataDir);
  const others = new Set(owner.kind === "another's" ? owner.dataDirs : []);
  if (usual !== dataDir && (await holdsRecord(usual))) others.add(usual);
  if (others.size > 0) throw nothingKnown(dataDir, [...others]);
  const [running] = await findManagedProcesses(paths.binDir);
  if (running !== undefined) throw away(dataDir, `process ${running.pid} of it still runs`);
  if (owner.kind === "left behind") throw away(dataDir, `${runDir} is that of it`);
  if (owner.kind === "nobody's" && usual === dataDir) throw away(dataDir, `${runDir} is not empty`);
  if (owner.kind === "nobody's") throw nothingKnown(dataDir, []);
}

function nothingKnown(dataDir: string, others: readonly string[]): UserError {
  const [other] = others;
  const where =
    other === undefined
      ? "A k0s has run on this host, with another data directory: give that one with --data-dir."
      : `This host has an installation at ${others.join(", ")}; to remove it: \`k0s reset --data-dir ${other}\`.`;
  return new UserError(`nothing of k0s is known at ${dataDir}`, {
    code: "nothing-known",
    hint: `Nothing was changed. ${where}`,
  });
}

function away(dataDir: string, why: string): UserError {
  return new UserError(
    `the data directory ${dataDir} is away: it has no record of an installation, and ${why}`,
    {
      code: "data-directory-away",
      hint: `Nothing was changed: without the record nothing of this host is proven to be k0s'. Mount the disk that ${dataDir} is on, or move the directory back, and run k0s reset again. If it was deleted, restart the host, which ends whatever of k0s still runs, and delete by hand what is left.`,
    },
  );
}
