import { expect, test } from "bun:test";
import { bundlePathsLabel, payloadLabel, pinnedLabel } from "./labels.ts";
import { labelsWithClaim, labelsWithoutClaim } from "./unpin.ts";

const pinned = { ...pinnedLabel, "my.label": "x" };
const pin = "io.cri-containerd.pinned";

test("the last claim takes the pin with it, and nothing else", () => {
  const { [pin]: _, ...rest } = pinned;
  expect(labelsWithoutClaim({ ...pinned, [payloadLabel]: "true" }, payloadLabel)).toEqual(rest);
  expect(labelsWithoutClaim({ ...pinned, [bundlePathsLabel]: "{}" }, bundlePathsLabel)).toEqual(rest);
});

test("a pin that was there before the claim stays when the claim goes", () => {
  const theirs = { ...pinned };
  const claimed = labelsWithClaim(theirs, { [payloadLabel]: "true" });
  expect(labelsWithoutClaim(claimed, payloadLabel)).toEqual(theirs);
  // Claimed again, and from another source: still theirs.
  const twice = labelsWithClaim(labelsWithClaim(claimed, { [payloadLabel]: "true" }), {
    [bundlePathsLabel]: "{}",
  });
  expect(labelsWithoutClaim(labelsWithoutClaim(twice, payloadLabel), bundlePathsLabel)).toEqual(theirs);
});

test("our own pin is not taken for another's", () => {
  const ours = labelsWithClaim(labelsWithClaim({ "my.label": "x" }, { [payloadLabel]: "true" }), {
    [payloadLabel]: "true",
  });
  expect(labelsWithoutClaim(ours, payloadLabel)[pin]).toBeUndefined();
});

test("an image that somebody else claims too stays pinned", () => {
  const both = { ...pinned, [payloadLabel]: "true", [bundlePathsLabel]: '{"/a.tar":"t"}' };
  expect(labelsWithoutClaim(both, payloadLabel)).toEqual({ ...pinned, [bundlePathsLabel]: '{"/a.tar":"t"}' });
  expect(labelsWithoutClaim(both, bundlePathsLabel)).toEqual({ ...pinned, [payloadLabel]: "true" });
});
