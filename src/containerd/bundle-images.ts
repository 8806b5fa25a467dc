// Bundle files in <data>/images: imported when new or changed, their images pinned for as long as a file holds them. Plan →
// execute: one pass compares files and labels. Upstream: pkg/component/worker/ocibundle.go; reference §11.4.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../proto/containerd/services/images/v1/images_pb.js";
import { openImageArchive } from "../oci/archive-reader.ts";
import { errorMessage, isNotFound } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { ContainerdClient } from "./client.ts";
import { bundlePathsLabel } from "./image-labels.ts";
import { importImages } from "./import-images.ts";
import { unpinImage } from "./unpin-image.ts";

export interface BundlePass {
  readonly client: ContainerdClient;
  readonly dir: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Path → modification time. */
export type BundleFiles = Readonly<Record<string, string>>;

export interface LabelledImage {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface BundlePlan {
  readonly import: readonly string[];
  readonly unpin: readonly string[];
}

/** What the labels of an image say: from which files it came, and when those were last changed. */
export function bundlesOf(image: LabelledImage): BundleFiles {
  const label = image.labels[bundlePathsLabel];
  if (label === undefined) return {};
  try {
    const value: unknown = JSON.parse(label);
    return typeof value === "object" && value !== null ? (value as BundleFiles) : {};
  } catch {
    // Not written by us: as if there were none, so that the image is un-pinned or imported anew.
    return {};
  }
}

export function planBundles(files: BundleFiles, images: readonly LabelledImage[]): BundlePlan {
  const current = (path: string, time: string): boolean => files[path] === time;
  const imported = new Set<string>();
  const unpin: string[] = [];
  for (const image of images.filter(({ labels }) => bundlePathsLabel in labels)) {
    const alive = Object.entries(bundlesOf(image)).filter(([path, time]) => current(path, time));
    for (const [path] of alive) imported.add(path);
    if (alive.length === 0) unpin.push(image.name);
  }
  return { import: Object.keys(files).filter((path) => !imported.has(path)), unpin };
}

/** Imports what is new, then un-pins what lost its file. A bad file is logged, and the next one tried. */
export async function importBundles(pass: BundlePass): Promise<void> {
  const { dir, log, signal } = pass;
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
  for (const name of planBundles(await bundleFiles(dir), images).unpin) await unpin(pass, name, images);
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

/** Files that are being written have a name with a leading dot. */
async function bundleFiles(dir: string): Promise<BundleFiles> {
  const names = await readdir(dir).catch((err: unknown) => {
    if (isNotFound(err)) return [];
    throw err;
  });
  const files: Record<string, string> = {};
  for (const name of names.filter((name) => !name.startsWith(".")).toSorted()) {
    const path = join(dir, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() === true) files[path] = info.mtime.toISOString();
  }
  return files;
}
