// What lies beside the folders of the versions and is one for all of them: the feed and the installation script. A release
// of an older version must not take it back, and may be made where the newer one was not.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compareK0sVersions, isK0sVersion } from "../../src/std/semver-k0s.ts";
import { errorMessage, UserError } from "../../src/std/errors.ts";
import { parseYaml } from "../../src/std/yaml.ts";
import { isStable } from "./feed.ts";
import { installScriptFile } from "./file-names.ts";
import { settingNames } from "./settings.ts";

/** By their paths, their texts. */
export type SharedFiles = ReadonlyMap<string, string>;

/** For each path the text of the newest version; our own, if no other is newer. */
export function newest(own: SharedFiles, others: readonly SharedFiles[]): SharedFiles {
  return new Map(
    [...own].map(([path, text]) => {
      const found = others.flatMap((files) => files.get(path) ?? []);
      return [path, found.reduce((best, other) => (isNewer(path, other, best) ? other : best), text)];
    }),
  );
}

/** Of a file that is there already: which version it is of. */
export function versionIn(path: string, text: string): string {
  const version = readVersion(path, text);
  if (typeof version === "string" && isK0sVersion(version)) return version;
  throw new UserError(`what is published as ${path} names no version of k0s`, {
    code: "release-feed",
    hint: `It says which version is the newest. Repair it, or see to it that ${settingNames.published} is where the feed is, or none.`,
  });
}

function readVersion(path: string, text: string): unknown {
  if (path === installScriptFile) return /^release_version='(.+)'$/m.exec(text)?.[1];
  if (!path.endsWith(".yaml")) return text.trim();
  const index = parseYaml(text);
  return typeof index === "object" && index !== null && "version" in index ? index.version : undefined;
}

function isNewer(path: string, one: string, other: string): boolean {
  const [left, right] = [versionIn(path, one), versionIn(path, other)];
  // Nobody gets a pre-release who has not asked for it.
  if (path === installScriptFile && isStable(left) !== isStable(right)) return isStable(left);
  return compareK0sVersions(left, right) > 0;
}

export async function readLocal(place: string, paths: readonly string[]): Promise<SharedFiles> {
  const files = new Map<string, string>();
  for (const path of paths)
    if (existsSync(join(place, path))) files.set(path, await readFile(join(place, path), "utf8"));
  return files;
}

/** Those that the server has. */
export async function readPublished(
  url: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<SharedFiles> {
  const files = new Map<string, string>();
  for (const path of paths) {
    const text = await download(`${url}/${path}`, signal);
    if (text !== undefined) files.set(path, text);
  }
  return files;
}

async function download(url: string, signal: AbortSignal): Promise<string | undefined> {
  const unread = (why: string, cause?: unknown): UserError =>
    new UserError(`cannot read ${url}: ${why}`, {
      code: "release-feed",
      cause,
      hint: `It says whether a newer version is published. Where nothing is published yet: ${settingNames.published}=none.`,
    });
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]) });
    if (response.status === 404 || response.status === 410) return undefined;
    if (response.ok) return await response.text();
    throw unread(`the server answers ${response.status}`);
  } catch (err) {
    signal.throwIfAborted();
    throw err instanceof UserError ? err : unread(errorMessage(err), err);
  }
}
