// Takes back a claim that kept an image from kubelet's image collection: of the executable, or of a bundle file.

import type { Image } from "../../../proto/containerd/services/images/v1/images_pb.js";
import type { ContainerdClient } from "../client.ts";
import { bundlePathsLabel, payloadLabel, pinnedBeforeLabel, pinnedLabel } from "./labels.ts";

export type ClaimLabel = typeof payloadLabel | typeof bundlePathsLabel;

const pinLabel = "io.cri-containerd.pinned" satisfies keyof typeof pinnedLabel;

const claims: readonly ClaimLabel[] = [payloadLabel, bundlePathsLabel];

/** The labels without the claim, and without the pin when nobody else has one. */
export function labelsWithoutClaim(
  labels: Readonly<Record<string, string>>,
  claim: ClaimLabel,
): Record<string, string> {
  const others = claims.some((label) => label !== claim && label in labels);
  const keepsPin = others || pinnedBeforeLabel in labels;
  const pins = keepsPin ? [] : [pinLabel];
  const gone = new Set<string>([claim, ...pins, ...(others ? [] : [pinnedBeforeLabel])]);
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !gone.has(label)));
}

/** The labels with a claim, the pin, and a note when the pin is not ours. */
export function labelsWithClaim(
  labels: Readonly<Record<string, string>>,
  claim: Readonly<Record<string, string>>,
): Record<string, string> {
  const pinnedByOthers = pinLabel in labels && !claims.some((label) => label in labels);
  return {
    ...labels,
    ...pinnedLabel,
    ...claim,
    ...(pinnedByOthers ? { [pinnedBeforeLabel]: "true" } : {}),
  };
}

export async function unpinImage(
  { client, signal }: { readonly client: ContainerdClient; readonly signal: AbortSignal },
  image: Image,
  claim: ClaimLabel,
): Promise<void> {
  // containerd 2.3 crashes at an update without the target, even where the mask leaves it out.
  await client.images.update(
    {
      image: { ...image, labels: labelsWithoutClaim(image.labels, claim) },
      updateMask: { paths: ["labels"] },
    },
    { signal },
  );
}
