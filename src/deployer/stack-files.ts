// The folder of a stack as it is at this moment: *.yaml directly inside, several documents and Lists flattened, in the
// order of the files' names. Upstream: pkg/applier/applier.go.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { lstatIfExists } from "../os/files.ts";
import { errno, isNotFound, UserError } from "../std/errors.ts";
import { folderIdentityAt } from "./folder-identity.ts";
import type { ManifestReader } from "./manifest-file.ts";
import type { PlacedObject } from "./manifest-objects.ts";

export interface StackReading {
  readonly objects: readonly (PlacedObject & { readonly file: string })[];
  /** File → why it proves nothing that the file yields no objects. */
  readonly doubtfulFiles: ReadonlyMap<string, string>;
  /** Why objects may come into this folder any moment: a file in it is not there yet. */
  readonly unfinished: string | undefined;
  /** `absent`: the folder was taken away. `doubtful`: nobody can tell. */
  readonly folder:
    | { readonly state: "present"; readonly identity: string }
    | { readonly state: "absent" }
    | { readonly state: "doubtful"; readonly why: string };
  /** Identity of the directory that holds the folder; empty when it is not there. */
  readonly parent: string;
  /** Equal for two readings if nothing changed between them. */
  readonly digest: string;
  /** What looks like a manifest and is not read. */
  readonly ignored: readonly IgnoredFile[];
}

export interface IgnoredFile {
  /** With the line, if only one document of the file is ignored. */
  readonly path: string;
  readonly why: string;
}

/** Names of the folders below `manifestsDir`, those behind symbolic links too; undefined when it does not exist. */
export async function listStackFolders(manifestsDir: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(manifestsDir, { withFileTypes: true });
    const names = await Promise.all(
      entries.map(async (entry) => {
        if (entry.name.startsWith(".")) return [];
        const isFolder =
          entry.isDirectory() ||
          (entry.isSymbolicLink() && (await isDirectory(join(manifestsDir, entry.name))));
        return isFolder ? [entry.name] : [];
      }),
    );
    return names.flat().sort();
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

/** Files directly in `manifestsDir` that look like manifests. */
export async function filesBesideStacks(manifestsDir: string): Promise<IgnoredFile[]> {
  return (await listEntries(manifestsDir))
    .filter(({ name, folder }) => !name.startsWith(".") && !folder && looksLikeManifest(name))
    .map(({ name }) => ({
      path: join(manifestsDir, name),
      why: "manifests are read from folders only: put it into one",
    }));
}

/** Files that cannot be read or parsed. */
export class BadManifests extends UserError {
  /** One sentence a file, with its path and line. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "), { code: "bad-manifest" });
    this.problems = problems;
  }
}

/** Rejects with BadManifests. */
export async function readStackFolder(
  manifestsDir: string,
  stack: string,
  reader: ManifestReader,
): Promise<StackReading> {
  const folder = join(manifestsDir, stack);
  const parent = await identityOf(manifestsDir);
  const state =
    parent === undefined
      ? ({ state: "doubtful", why: `${manifestsDir} is not there` } as const)
      : await folderState(folder);
  const nothing = {
    objects: [],
    doubtfulFiles: new Map<string, string>(),
    unfinished: state.state === "doubtful" ? state.why : undefined,
    ignored: [],
  };
  if (state.state !== "present")
    return { ...nothing, folder: state, parent: parent ?? "", digest: `${parent ?? ""} ${state.state}` };

  const objects: (PlacedObject & { file: string })[] = [];
  const doubtfulFiles = new Map<string, string>();
  let unfinished: string | undefined;
  const problems: string[] = [];
  const marks = [`${parent ?? ""} ${state.identity}`];
  const ignored: IgnoredFile[] = [];
  for (const entry of await listEntries(folder)) {
    const path = join(folder, entry.name);
    const why = whyIgnored(entry);
    if (why !== undefined) ignored.push({ path, why });
    if (!isManifestName(entry.name)) continue;
    const { file, mark } = await reader.read(path);
    marks.push(`${entry.name} ${mark}`);
    if (file.state === "objects") {
      for (const placed of file.objects) objects.push({ ...placed, file: entry.name });
      for (const { line, why } of file.skipped)
        ignored.push({ path: `${path}:${line}`, why: `a document that ${why} is skipped` });
    }
    if (file.state === "doubtful") doubtfulFiles.set(entry.name, file.why);
    if (file.state === "doubtful" && file.unfinished) unfinished ??= file.why;
    if (file.state === "bad") problems.push(file.problem);
  }
  if (problems.length > 0) throw new BadManifests(problems);
  return {
    objects,
    doubtfulFiles,
    unfinished,
    ignored,
    folder: state,
    parent: parent ?? "",
    digest: marks.join("\n"),
  };
}

/** Names of the files that count; none when the folder is not there. */
export async function listManifests(folder: string): Promise<string[]> {
  return (await listEntries(folder)).map(({ name }) => name).filter((name) => isManifestName(name));
}

interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

/** Sorted by name. */
async function listEntries(folder: string): Promise<Entry[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (err) {
    // ENOTDIR: a file beside the stacks.
    if (isNotFound(err) || errno(err) === "ENOTDIR") return [];
    throw err;
  }
}

/** Dot files are leftovers of editors and of atomic writes. */
export function isManifestName(name: string): boolean {
  return name.endsWith(".yaml") && !name.startsWith(".");
}

function looksLikeManifest(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name);
}

function whyIgnored({ name, folder }: Entry): string | undefined {
  if (name.startsWith(".") || isManifestName(name)) return undefined;
  if (folder) return "folders within a stack are not read";
  return looksLikeManifest(name) ? "only files named *.yaml are read" : undefined;
}

async function folderState(folder: string): Promise<StackReading["folder"]> {
  try {
    const info = await stat(folder, { bigint: true });
    // A file of this name: the folder itself is gone.
    if (!info.isDirectory()) return { state: "absent" };
    return { state: "present", identity: await folderIdentityAt(folder, info) };
  } catch (err) {
    if (!isNotFound(err)) throw err;
  }
  if ((await lstatIfExists(folder)) === undefined) return { state: "absent" };
  return { state: "doubtful", why: `${folder} is a symbolic link to something that is not there` };
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    return await folderIdentityAt(path, await stat(path, { bigint: true }));
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}
