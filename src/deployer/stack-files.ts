// Reads the manifests of a stack folder: *.yaml directly inside, several documents and Lists flattened. Reference §10.1.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage, isNotFound, UserError } from "../std/errors.ts";
import { parseYamlDocuments } from "../std/yaml.ts";
import type { KubeObject } from "../kube/types.ts";

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

/** The objects of all files, in the order of the files' names. Throws a UserError that lists every bad file. */
export async function readStackFolder(folder: string): Promise<KubeObject[]> {
  const problems: string[] = [];
  const objects: KubeObject[] = [];
  for (const name of await listManifests(folder)) {
    const path = join(folder, name);
    try {
      objects.push(...parseManifest(await readFile(path, "utf8"), path));
    } catch (err) {
      // Deleted between listing and reading: the watcher tells us again.
      if (!isNotFound(err)) problems.push(errorMessage(err));
    }
  }
  if (problems.length > 0) throw new UserError(problems.join("; "), { code: "bad-manifest" });
  return objects;
}

/** Names of the files that count; dot files are leftovers of editors and of atomic writes. */
export async function listManifests(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(".yaml") && !name.startsWith(".")).sort();
  } catch (err) {
    if (isNotFound(err)) return [];
    throw err;
  }
}

/** Every object of one manifest. Documents without apiVersion or kind are skipped, as upstream does. */
function parseManifest(text: string, path: string): KubeObject[] {
  return parseYamlDocuments(text, { source: path }).flatMap((document) => flatten(document, path));
}

function flatten(document: unknown, path: string): KubeObject[] {
  if (document === null || document === undefined) return [];
  if (typeof document !== "object" || Array.isArray(document))
    throw new UserError(`${path}: a document is not a mapping`);
  const { apiVersion, kind, metadata, items } = document as Record<string, unknown>;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || apiVersion === "" || kind === "")
    return [];
  if (kind.endsWith("List") && Array.isArray(items)) return items.flatMap((item) => flatten(item, path));
  if (
    typeof metadata !== "object" ||
    metadata === null ||
    !("name" in metadata) ||
    typeof metadata.name !== "string" ||
    metadata.name === ""
  ) {
    throw new UserError(`${path}: a ${kind} has no metadata.name`);
  }
  return [document as KubeObject];
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}
