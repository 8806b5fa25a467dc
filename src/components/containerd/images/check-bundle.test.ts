import { expect, test } from "bun:test";
import { type ImageSource, sha256 } from "../../../oci/image.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import { memoryBlob, memorySource } from "../../../oci/memory-source.ts";
import { errorMessage } from "../../../std/errors.ts";
import { checkBundle } from "./check-bundle.ts";

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const layer = new TextEncoder().encode("layer");
const layerDigest = sha256(layer);

/** One image with one layer, of which a blob may be another one or missing. */
function source(change: (blobs: Map<string, Uint8Array>) => void, architecture = "amd64"): ImageSource {
  const config = encode({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [layerDigest] } });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: sha256(config), size: config.length },
    layers: [{ mediaType: mediaTypes.layer, digest: layerDigest, size: layer.length }],
  });
  const index = encode({
    schemaVersion: 2,
    manifests: [
      {
        mediaType: mediaTypes.manifest,
        digest: sha256(manifest),
        size: manifest.length,
        platform: { os: "linux", architecture },
      },
    ],
  });
  const blobs = new Map<string, Uint8Array>(
    [config, manifest, index, layer].map((data) => [sha256(data), data]),
  );
  change(blobs);
  const images = [
    { ref: "example.com/a:1", manifestDigest: sha256(index), mediaType: mediaTypes.index, blobs: [] },
  ];
  return {
    ...memorySource(images, []),
    openBlob: async (digest) => {
      const data = blobs.get(digest);
      return data === undefined ? undefined : memoryBlob(data);
    },
  };
}

const options = { architecture: "amd64", snapshotter: "overlayfs", keepLayers: true };
const said = (archive: ImageSource): Promise<string> =>
  checkBundle(archive, "a.tar", options, new AbortController().signal).then(() => "well", errorMessage);

test("a bundle that holds all of its images for this platform is well", async () => {
  expect(await said(source(() => undefined))).toBe("well");
});

test("a layer that is damaged or missing is named", async () => {
  const damaged = source((blobs) => blobs.set(layerDigest, new TextEncoder().encode("other")));
  expect(await said(damaged)).toBe(
    `example.com/a:1 in a.tar is damaged: its layer ${layerDigest} has digest ${sha256("other")}`,
  );
  const missing = source((blobs) => blobs.delete(layerDigest));
  expect(await said(missing)).toBe(`example.com/a:1 in a.tar lacks the layer ${layerDigest}`);
});

test("a bundle of another platform, and one without a named image, are of no use", async () => {
  expect(await said(source(() => undefined, "arm64"))).toBe("a.tar has no image for linux/amd64");
  expect(await said(memorySource([], []))).toBe("a.tar names no image");
});
