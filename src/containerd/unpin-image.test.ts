import { expect, test } from "bun:test";
import { bundlePathsLabel, payloadLabel, pinnedLabel } from "./image-labels.ts";
import { labelsWithoutClaim } from "./unpin-image.ts";

const pinned = { ...pinnedLabel, "my.label": "x" };
const pin = "io.cri-containerd.pinned";

test("the last claim takes the pin with it, and nothing else", () => {
  const { [pin]: _, ...rest } = pinned;
  expect(labelsWithoutClaim({ ...pinned, [payloadLabel]: "true" }, payloadLabel)).toEqual(rest);
  expect(labelsWithoutClaim({ ...pinned, [bundlePathsLabel]: "{}" }, bundlePathsLabel)).toEqual(rest);
});

test("an image that somebody else claims too stays pinned", () => {
  const both = { ...pinned, [payloadLabel]: "true", [bundlePathsLabel]: '{"/a.tar":"t"}' };
  expect(labelsWithoutClaim(both, payloadLabel)).toEqual({ ...pinned, [bundlePathsLabel]: '{"/a.tar":"t"}' });
  expect(labelsWithoutClaim(both, bundlePathsLabel)).toEqual({ ...pinned, [payloadLabel]: "true" });
});
