// What the drop-in files of containerd say, with the files that they import themselves, found as containerd finds them (its
// package `cmd/containerd/server/config`).

import { dirname, join, normalize, resolve } from "node:path";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { isNotFound } from "../../std/errors.ts";
import { at } from "./toml-value.ts";

/** Of more files, and of larger ones, nothing is known: nobody writes such a configuration by hand. */
const mostFiles = 100;
const mostBytes = 1 << 20;

/** The settings in each of the files; of those that are not TOML there are none, containerd itself says so. */
export async function importedSettings(dropIns: string): Promise<readonly unknown[]> {
  const settings: unknown[] = [];
  const seen = new Set<string>();
  const pending = await matches(join(dropIns, "*.toml"));
  for (let path = pending.shift(); path !== undefined && seen.size < mostFiles; path = pending.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const found = await settingsIn(path);
    settings.push(found);
    for (const pattern of importsOf(found)) pending.push(...(await matches(resolve(dirname(path), pattern))));
  }
  return settings;
}

function importsOf(settings: unknown): string[] {
  const imports = at(settings, "imports");
  return Array.isArray(imports) ? imports.filter((one) => typeof one === "string") : [];
}

async function settingsIn(path: string): Promise<unknown> {
  const info = await statIfExists(path);
  if (info === undefined || !info.isFile() || info.size > mostBytes) return undefined;
  return parsedToml((await readFileIfExists(path)) ?? "");
}

/** Undefined for what is not TOML. */
export function parsedToml(text: string): unknown {
  try {
    return Bun.TOML.parse(text);
  } catch {
    return undefined;
  }
}

/** Only a star makes a pattern of a path; in a pattern, two of them are one to Go. */
async function matches(path: string): Promise<string[]> {
  if (!path.includes("*")) return [path];
  const parts = normalize(path.replaceAll(/\*+/g, "*")).split("/");
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  const glob = new Bun.Glob(parts.slice(first).join("/"));
  const cwd = parts.slice(0, first).join("/") || "/";
  try {
    const options = { cwd, dot: true, absolute: true, onlyFiles: false, followSymlinks: true };
    return (await Array.fromAsync(glob.scan(options))).toSorted();
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}
