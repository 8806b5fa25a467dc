// Takes back a claim that kept an image from kubelet's image collection: of the executable, or of a bundle file.

import type { Image } from "../proto/containerd/services/images/v1/images_pb.js";
import type { ContainerdClient } from "./client.ts";
import { bundlePathsLabel, payloadLabel, pinnedLabel } from "./image-labels.ts";

export type ClaimLabel = typeof payloadLabel | typeof bundlePathsLabel;

const claims: readonly ClaimLabel[] = [payloadLabel, bundlePathsLabel];

/** The labels without the claim, and without the pin when nobody else has one. */
export function labelsWithoutClaim(
  labels: Readonly<Record<string, string>>,
  claim: ClaimLabel,
): Record<string, string> {
  const others = claims.some((label) => label !== claim && label in labels);
  const pins = others ? [] : Object.keys(pinnedLabel).filter((label) => label.endsWith("pinned"));
  const gone = new Set<string>([claim, ...pins]);
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !gone.has(label)));
}

export async function unpinImage(
  { client, signal }: { readonly client: ContainerdClient; readonly signal: AbortSignal },
  image: Image,
  claim: ClaimLabel,
): Promise<void> {
  // containerd 2.3 dies of an update without the target, even where the mask leaves it out.
  await client.images.update(
    {
      image: { ...image, labels: labelsWithoutClaim(image.labels, claim) },
      updateMask: { paths: ["labels"] },
    },
    { signal },
  );
}
