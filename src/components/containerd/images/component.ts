// The two sources of a node's images as components: the executable itself, and the bundle files in <data>/images.

import type { ImageRecord, ImageSource } from "../../../oci/image.ts";
import { nextChange } from "../../../os/directory-change.ts";
import { makeDir } from "../../../os/files.ts";
import { errorMessage } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import { createLoop } from "../../../std/loop.ts";
import type { Component, Dependency } from "../../../supervisor/component.ts";
import { onceTask, task } from "../../../supervisor/task.ts";
import { type BundleResult, importBundles } from "./bundle.ts";
import { type BundleFiles, type Looks, settle, settleMs } from "./bundle-files.ts";
import { bundleTroubles } from "./bundle-troubles.ts";
import { type ContainerdClient, containerdClient } from "../client.ts";
import { payloadLabel } from "./labels.ts";
import { importImages } from "./import.ts";
import type { ContentPlace } from "./place-blob.ts";
import { unpinImage } from "./unpin.ts";
import { fileImages, imageBundlesDeclaration } from "../declaration.ts";

interface ImageComponentOptions {
  readonly containerdSocket: string;
  readonly dependsOn: readonly Dependency[];
  readonly log: Logger;
}

export interface PayloadImagesOptions extends ImageComponentOptions {
  /** The caller keeps it open until the component has stopped. It verifies what it gives. */
  readonly source: ImageSource;
  /** See ImportOptions. */
  readonly place: ContentPlace;
  /** Whether the node has a use for the image: others would only take time and room. Default: all. */
  readonly needed?: (image: ImageRecord) => boolean;
}

export function payloadImages(options: PayloadImagesOptions): Component {
  const { source, place, needed = () => true, log } = options;

  const importAll = async (signal: AbortSignal): Promise<void> => {
    using client = containerdClient(options.containerdSocket);
    const images = source.images.filter(needed);
    const labels = { [payloadLabel]: "true" };
    await importImages({ client, source, images, place, labels, log, signal });
    await unpinOthers({ client, log, signal }, new Set(source.images.map(({ ref }) => ref)));
  };

  return onceTask({
    ...fileImages,
    dependsOn: options.dependsOn,
    work: async (signal) => {
      try {
        await importAll(signal);
      } catch (err) {
        if (!signal.aborted) log.error("The images of k0s cannot be imported", { err: errorMessage(err) });
        throw err;
      }
    },
  });
}

/** Images of an earlier version of the executable: kubelet may collect them once no pod uses them. */
async function unpinOthers(
  context: { client: ContainerdClient; log: Logger; signal: AbortSignal },
  current: ReadonlySet<string>,
): Promise<void> {
  const { client, log, signal } = context;
  const { images } = await client.images.list({}, { signal });
  for (const image of images.filter(({ name, labels }) => payloadLabel in labels && !current.has(name))) {
    log.info("Image of an earlier version is not pinned any more", { image: image.name });
    await unpinImage(context, image, payloadLabel);
  }
}

export interface BundleImagesOptions extends ImageComponentOptions {
  readonly imagesDir: string;
}

/** Between two looks, so that a file that is written all the time costs little. */
const pauseMs = 300;

/** Ready after the first pass; later files are imported as they appear. What cannot be imported is named in the status. */
export function bundleImages(options: BundleImagesOptions): Component {
  const first = Promise.withResolvers<void>();
  const { imagesDir: dir, log } = options;
  first.promise.catch(() => undefined);

  const troubles = bundleTroubles();
  let looks: Looks = new Map();
  const settled = (files: BundleFiles): ReadonlySet<string> => {
    const look = settle(looks, files, { now: performance.now(), wall: Date.now() });
    looks = look.looks;
    return look.settled;
  };
  let lostBefore: ReadonlySet<string> = new Set();
  const importing = createLoop({
    name: "import of image bundles",
    log,
    everyMs: pauseMs,
    lasting: true,
    round: async (signal) => {
      using client = containerdClient(options.containerdSocket);
      // What happens during the look is not to be missed.
      const looked = new AbortController();
      const changed = nextChange(dir, AbortSignal.any([signal, looked.signal]));
      // Also when the look fails: it is repeated anyway, and must not be an unhandled rejection.
      changed.catch(() => undefined);
      const lost = lostBefore;
      // A look that fails says nothing about what is lost.
      lostBefore = new Set();
      let result: BundleResult;
      try {
        result = await importBundles({ client, dir, lostBefore: lost, settled, troubles, log, signal });
        lostBefore = result.lost;
      } finally {
        // What cannot be looked at now does not hold up the start.
        first.resolve();
      }
      if (!result.unsettled) return await changed;
      looked.abort();
      return settleMs;
    },
  });

  return {
    ...task({
      name: imageBundlesDeclaration.name,
      dependsOn: options.dependsOn,
      init: async () => void (await makeDir(options.imagesDir, { mode: 0o755 })),
      ready: () => first.promise,
      parts: [importing],
    }),
    inspect() {
      const complaint = troubles.complaint();
      const since = troubles.since();
      return {
        ...(complaint === undefined ? {} : { complaint }),
        ...(since === undefined ? {} : { complaintSince: since }),
      };
    },
  };
}
