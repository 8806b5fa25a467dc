// Bundle files in <data>/images: imported when new or changed, their images pinned for as long as a file holds them. Plan →
// execute: one pass compares files and labels. Upstream: pkg/component/worker/ocibundle.go.

import type { Image } from "../../../proto/containerd/services/images/v1/images_pb.js";
import { openImageArchive } from "../../../oci/archive-reader.ts";
import { errorMessage } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import type { ContainerdClient } from "../client.ts";
import {
  type BundleFile,
  bundleFiles,
  type BundleFiles,
  isBeingWritten,
  unreadable,
} from "./bundle-files.ts";
import type { BundleTroubles } from "./bundle-troubles.ts";
import { checkBundle } from "./check-bundle.ts";
import { bundlePathsLabel } from "./labels.ts";
import { importContents, importImages } from "./import.ts";
import { unpinImage } from "./unpin.ts";

export interface BundlePass {
  readonly client: ContainerdClient;
  readonly dir: string;
  /** Names of the images that had lost their files in the pass before: only those are un-pinned. */
  readonly lostBefore: ReadonlySet<string>;
  /** Which of the files have looked the same for long enough to be read. */
  readonly settled: (files: BundleFiles) => ReadonlySet<string>;
  readonly troubles: BundleTroubles;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface BundleResult {
  /** Names of the images that have lost their files. */
  readonly lost: ReadonlySet<string>;
  /** Whether a file is still being written. */
  readonly unsettled: boolean;
}

/** Path → modification time; empty for what is there and cannot be looked at. */
export type BundleTimes = Readonly<Record<string, string>>;

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
export function bundlesOf(image: LabelledImage): BundleTimes {
  const label = image.labels[bundlePathsLabel];
  if (label === undefined) return {};
  try {
    const value: unknown = JSON.parse(label);
    return typeof value === "object" && value !== null ? (value as BundleTimes) : {};
  } catch {
    // Not written by k0s: treated as missing, so that the image is un-pinned or imported again.
    return {};
  }
}

export function planBundles(files: BundleTimes, images: readonly LabelledImage[]): BundlePlan {
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

/**
 * Imports what is new and whole, then un-pins what lost its files and had lost them in the pass before. A bad file is named
 * in the log once, and the next one tried.
 */
export async function importBundles(pass: BundlePass): Promise<BundleResult> {
  const { dir, lostBefore, troubles } = pass;
  const files = await bundleFiles(dir);
  troubles.keep(files);
  const settled = pass.settled(files);
  let unsettled = false;
  for (const path of planBundles(timesOf(files), await labelledImages(pass)).import) {
    const file = files[path];
    if (file === undefined || !troubles.isDue(path, file)) continue;
    if (settled.has(path) && !(await isBeingWritten(path))) await tryBundle(pass, path, file);
    else unsettled = true;
  }
  const images = await labelledImages(pass);
  const { lost } = planBundles(timesOf(await bundleFiles(dir)), images);
  for (const name of lost) if (lostBefore.has(name)) await unpin(pass, name, images);
  return { lost: new Set(lost), unsettled };
}

async function tryBundle(pass: BundlePass, path: string, file: BundleFile): Promise<void> {
  const { log, signal, troubles } = pass;
  try {
    if (await importBundle(pass, path, file.time)) {
      troubles.worked(path);
      log.info("Image bundle is imported", { file: path });
    } else {
      troubles.hasNone(path, file);
      log.info("A bundle holds charts alone", { file: path });
    }
  } catch (err) {
    signal.throwIfAborted();
    const isBad = troubles.failed(path, file, err);
    const fields = { file: path, err: errorMessage(err) };
    if (isBad) log.error("Image bundle cannot be imported, and is left alone until it changes", fields);
    else log.error("Image bundle cannot be imported now, and is tried again", fields);
  }
}

function timesOf(files: BundleFiles): BundleTimes {
  return Object.fromEntries(Object.entries(files).map(([path, { time }]) => [path, time]));
}

/** No file has this time: what is imported in part is held, and does not count as imported. */
const inPart = "in part";

/** False when there is nothing for containerd in it. */
async function importBundle(pass: BundlePass, path: string, time: string): Promise<boolean> {
  const { client, dir, log, signal } = pass;
  await using archive = await openImageArchive(path, signal);
  if (archive.images.length === 0 && archive.charts.length > 0) return false;
  await checkBundle(archive, path, importContents({ keepLayers: true }), signal);
  const files = timesOf(await bundleFiles(dir));
  for (const claimed of [inPart, time]) {
    const before = new Map((await labelledImages(pass)).map((image) => [image.name, image]));
    for (const image of archive.images) {
      const known = before.get(image.ref);
      // Other files that still hold the image keep their claim.
      const others = Object.entries(known === undefined ? {} : bundlesOf(known)).filter(
        ([other, since]) => other !== path && files[other] === since,
      );
      const paths = { ...Object.fromEntries(others), [path]: claimed };
      const labels = { [bundlePathsLabel]: JSON.stringify(paths) };
      await importImages({ client, source: archive, images: [image], labels, keepLayers: true, log, signal });
    }
  }
  return true;
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
