// Programs of Debian packages with everything they load, out of the packages themselves: nothing is installed on the build
// host, and any architecture will do. What the dynamic loader needs is read from the ELF headers.

import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { isNotFound, UserError } from "../../src/std/errors.ts";
import type { Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import type { TreeEntry } from "./layer-tar.ts";

export interface PackageProgramsEntry {
  readonly kind: "debian";
  readonly packages: readonly string[];
  /** Absolute paths of executables; `$triple` is the platform's. Links are kept as links. */
  readonly programs: readonly string[];
  /** Directories whose shared objects are loaded by name at run time, which no ELF header shows. */
  readonly plugins?: readonly string[];
  /** Other files and whole directories. */
  readonly data?: readonly string[];
}

/** The entry's files, with their libraries and the loader, at the paths that they have in Debian. */
export async function debianProgramFiles(
  root: string,
  entry: PackageProgramsEntry,
  platform: Platform,
  signal: AbortSignal,
): Promise<TreeEntry[]> {
  const place = (path: string): string => path.replaceAll("$triple", platform.triple);
  const files = new Map<string, TreeEntry>();
  for (const path of (entry.data ?? []).map(place)) await addTree(files, root, path);
  const executables: string[] = [];
  for (const path of entry.programs.map(place)) executables.push(await addFile(files, root, path));
  for (const dir of (entry.plugins ?? []).map(place)) {
    await addTree(files, root, dir);
    const names = await readdir(join(root, dir));
    executables.push(...names.filter((name) => name.endsWith(".so")).map((name) => join(dir, name)));
  }
  await addLibraries(files, root, executables, platform, signal);
  return [...files.values()];
}

/** Where a link points to; undefined for anything else, and for what is not there. */
async function linkTarget(path: string): Promise<string | undefined> {
  const info = await ifThere(lstat(path));
  return info?.isSymbolicLink() === true ? readlink(path) : undefined;
}

async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  return look.catch((err: unknown) => (isNotFound(err) ? undefined : Promise.reject(err)));
}

/** A path inside the root after all links, themselves inside the root. */
async function resolveInRoot(root: string, path: string): Promise<string> {
  const absolute = join(root, path);
  const target = await linkTarget(absolute);
  if (target === undefined) return `/${relative(root, (await ifThere(realpath(absolute))) ?? absolute)}`;
  return resolveInRoot(root, target.startsWith("/") ? target : join(dirname(path), target));
}

/** Adds a file, and the file that it links to; returns the path of the real one. */
async function addFile(files: Map<string, TreeEntry>, root: string, path: string): Promise<string> {
  const target = await linkTarget(join(root, path));
  if (target !== undefined) {
    files.set(path, { kind: "symlink", path, target });
    // Debian's alternatives point out of the package into links that no package ships.
    return addFile(files, root, target.startsWith("/") ? target : join(dirname(path), target));
  }
  const real = await resolveInRoot(root, path);
  const info = await stat(join(root, real)).catch((err: unknown) => {
    throw new UserError(`the Debian packages have no file ${path}`, { cause: err });
  });
  files.set(real, { kind: "file", path: real, source: join(root, real), mode: info.mode & 0o755 });
  return real;
}

async function addTree(files: Map<string, TreeEntry>, root: string, path: string): Promise<void> {
  const info = await stat(join(root, path)).catch((err: unknown) => {
    throw new UserError(`the Debian packages have no file ${path}`, { cause: err });
  });
  if (!info.isDirectory()) {
    await addFile(files, root, path);
    return;
  }
  for (const name of await readdir(join(root, path))) await addTree(files, root, join(path, name));
}

async function addLibraries(
  files: Map<string, TreeEntry>,
  root: string,
  executables: readonly string[],
  platform: Platform,
  signal: AbortSignal,
): Promise<void> {
  const dirs = [`/lib/${platform.triple}`, `/usr/lib/${platform.triple}`, "/lib", "/usr/lib", "/lib64"];
  const queue = [...executables];
  const known = new Set<string>();
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const needs = await neededLibraries(join(root, path), signal);
    for (const name of needs.libraries) {
      if (known.has(name)) continue;
      known.add(name);
      queue.push(await addLibrary(files, root, name, dirs));
    }
    if (needs.interpreter !== undefined && !known.has(needs.interpreter)) {
      known.add(needs.interpreter);
      await addFile(files, root, needs.interpreter);
    }
  }
}

/** The library under the name that the loader looks for, as one file: the links to its full version are left out. */
async function addLibrary(
  files: Map<string, TreeEntry>,
  root: string,
  name: string,
  dirs: readonly string[],
): Promise<string> {
  for (const dir of dirs) {
    const path = join(dir, name);
    const info = await ifThere(stat(join(root, await resolveInRoot(root, path))));
    if (info === undefined) continue;
    const real = await resolveInRoot(root, path);
    files.set(path, {
      kind: "file",
      path,
      source: join(root, real),
      mode: basename(path).startsWith("ld-") ? 0o755 : 0o644,
    });
    return real;
  }
  throw new UserError(`no package of this image brings the library ${name}`, {
    hint: "Add the package that holds it to the recipe in images/.",
  });
}

async function neededLibraries(
  path: string,
  signal: AbortSignal,
): Promise<{ libraries: string[]; interpreter?: string }> {
  const text = await runCommand(["readelf", "--wide", "--dynamic", "--program-headers", path], {
    what: `reading the ELF headers of ${path}`,
    signal,
  });
  const libraries = [...text.matchAll(/\(NEEDED\)\s+Shared library: \[([^\]]+)\]/g)].map(
    (match) => match[1] ?? "",
  );
  const interpreter = /\[Requesting program interpreter: ([^\]]+)\]/.exec(text)?.[1];
  return interpreter === undefined ? { libraries } : { libraries, interpreter };
}
