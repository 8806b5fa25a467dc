// Bundle files in <data>/images: imported when new or changed, their images pinned for as long as a file holds them. Plan →
// execute: one pass compares files and labels. Upstream: pkg/component/worker/ocibundle.go.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../../../proto/containerd/services/images/v1/images_pb.js";
import { openImageArchive } from "../../../oci/archive-reader.ts";
import { errno, errorMessage } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import type { ContainerdClient } from "../client.ts";
import { bundlePathsLabel } from "./labels.ts";
import { importImages } from "./import.ts";
import { unpinImage } from "./unpin.ts";

export interface BundlePass {
  readonly client: ContainerdClient;
  readonly dir: string;
  /** Names of the images that had lost their files in the pass before: only those are un-pinned. */
  readonly lostBefore: ReadonlySet<string>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Path → modification time; empty for what is there and cannot be looked at, such as a link to a disk that is away. */
export type BundleFiles = Readonly<Record<string, string>>;

export interface LabelledImage {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface BundlePlan {
  readonly import: readonly string[];
  /** Images none of whose files is there any more, or whose files have been imported again without them. */
  readonly lost: readonly string[];
}

/** What the labels of an image say: from which files it came, and when those were last changed. */
export function bundlesOf(image: LabelledImage): BundleFiles {
  const label = image.labels[bundlePathsLabel];
  if (label === undefined) return {};
  try {
    const value: unknown = JSON.parse(label);
    return typeof value === "object" && value !== null ? (value as BundleFiles) : {};
  } catch {
    // Not written by k0s: treated as missing, so that the image is un-pinned or imported again.
    return {};
  }
}

export function planBundles(files: BundleFiles, images: readonly LabelledImage[]): BundlePlan {
  const claims = images
    .filter(({ labels }) => bundlePathsLabel in labels)
    .map((image) => ({ name: image.name, bundles: Object.entries(bundlesOf(image)) }));
  const current = claims.flatMap(({ bundles }) => bundles.filter(([path, time]) => files[path] === time));
  const imported = new Set(current.map(([path]) => path));
  // A file that has changed, and is perhaps only half there, still stands for its images until it has been imported.
  const holds = ([path, time]: [string, string]): boolean =>
    path in files && (files[path] === time || !imported.has(path));
  return {
    import: Object.keys(files).filter((path) => files[path] !== unreadable && !imported.has(path)),
    lost: claims.filter(({ bundles }) => !bundles.some(holds)).map(({ name }) => name),
  };
}

const unreadable = "";

/**
 * Imports what is new, then un-pins what lost its files and had lost them in the pass before. A bad file is logged, and the
 * next one tried. Returns the names of the images that have lost their files.
 */
export async function importBundles(pass: BundlePass): Promise<ReadonlySet<string>> {
  const { dir, log, signal, lostBefore } = pass;
  const files = await bundleFiles(dir);
  for (const path of planBundles(files, await labelledImages(pass)).import) {
    try {
      await importBundle(pass, path, files);
      log.info("Image bundle is imported", { file: path });
    } catch (err) {
      signal.throwIfAborted();
      log.error("Image bundle cannot be imported", { file: path, err: errorMessage(err) });
    }
  }
  const images = await labelledImages(pass);
  const { lost } = planBundles(await bundleFiles(dir), images);
  for (const name of lost) if (lostBefore.has(name)) await unpin(pass, name, images);
  return new Set(lost);
}

async function importBundle(pass: BundlePass, path: string, files: BundleFiles): Promise<void> {
  await using archive = await openImageArchive(path);
  const before = new Map((await labelledImages(pass)).map((image) => [image.name, image]));
  for (const image of archive.images) {
    const known = before.get(image.ref);
    // Other files that still hold the image keep their claim.
    const others = Object.entries(known === undefined ? {} : bundlesOf(known)).filter(
      ([other, time]) => files[other] === time,
    );
    const paths = { ...Object.fromEntries(others), [path]: files[path] };
    const labels = { [bundlePathsLabel]: JSON.stringify(paths) };
    const { client, log, signal } = pass;
    await importImages({ client, source: archive, images: [image], labels, keepLayers: true, log, signal });
  }
}

async function unpin(pass: BundlePass, name: string, images: readonly Image[]): Promise<void> {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) return;
  pass.log.info("Image is not kept any more for its bundle file, which is gone", { image: name });
  await unpinImage(pass, image, bundlePathsLabel);
}

async function labelledImages({ client, signal }: BundlePass): Promise<Image[]> {
  const { images } = await client.images.list({}, { signal });
  return images;
}

/** Files that are being written have a name with a leading dot. Throws when there is no such directory: that says nothing. */
async function bundleFiles(dir: string): Promise<BundleFiles> {
  const files: Record<string, string> = {};
  for (const name of (await readdir(dir)).filter((entry) => !entry.startsWith(".")).toSorted()) {
    const path = join(dir, name);
    const time = await modificationTime(path);
    if (time !== undefined) files[path] = time;
  }
  return files;
}

/** Undefined for a directory or another thing that is not a bundle. */
async function modificationTime(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path);
    return info.isFile() ? info.mtime.toISOString() : undefined;
  } catch (err) {
    if (errno(err) === undefined) throw err;
    return unreadable;
  }
}
