import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { packTar } from "modern-tar";
import { errorMessage } from "../std/errors.ts";
import { openImageArchive } from "./archive-reader.ts";
import { imageTarStream } from "./archive-writer.ts";
import { dockerArchiveImages, normalizeRef } from "./docker-archive.ts";
import { type ImageSource, sha256 } from "./image.ts";
import { mediaTypes } from "./media-types.ts";
import { memorySource } from "./memory-source.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-oci-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const { signal } = new AbortController();
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Two images that share one layer. */
function twoImages(layer = new TextEncoder().encode("layer")): ImageSource {
  const config = encode({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [sha256(layer)] },
  });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: sha256(config), size: config.length },
    layers: [{ mediaType: mediaTypes.layer, digest: sha256(layer), size: layer.length }],
  });
  const blobs = [sha256(manifest), sha256(config), sha256(layer)];
  const images = ["localhost/k0s/a:1", "localhost/k0s/b:1"].map((ref) => ({
    ref,
    manifestDigest: sha256(manifest),
    blobs,
  }));
  return memorySource(images, [config, manifest, layer]);
}

/** The message that `promise` is rejected with. */
async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "no error", errorMessage);
}

async function archiveFile(name: string, source: ImageSource): Promise<string> {
  const path = join(dir, name);
  await Bun.write(path, await new Response(imageTarStream(source)).bytes());
  return path;
}

test("an archive is read back as it was written, whatever the layer", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (layer) => {
      const source = twoImages(layer);
      await using archive = await openImageArchive(await archiveFile("law.tar", source), signal);
      expect(
        archive.images.map(({ ref, manifestDigest, blobs }) => ({ ref, manifestDigest, blobs })),
      ).toEqual([...source.images]);
      const blob = await archive.openBlob(sha256(layer));
      expect(new Uint8Array(await new Response(blob!.stream()).arrayBuffer())).toEqual(new Uint8Array(layer));
    }),
    { numRuns: 25 },
  );
});

test("the same images give the same bytes", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => new Response(imageTarStream(twoImages())).bytes()),
  );
  expect(sha256(first!)).toBe(sha256(second!));
});

test("a truncated archive is refused by name", async () => {
  const path = await archiveFile("short.tar", twoImages());
  await truncate(path, 3000);
  expect(await failure(openImageArchive(path, signal))).toBe(`${path} is cut short`);
});

test("a file that is no tar is refused", async () => {
  const path = join(dir, "noise");
  await Bun.write(path, "x".repeat(2048));
  expect(await failure(openImageArchive(path, signal))).toContain("is not a tar archive");
});

test("so is one that is shorter than the header of an archive; the start of a header is cut short", async () => {
  const path = join(dir, "little");
  await Bun.write(path, "garbage\n");
  expect(await failure(openImageArchive(path, signal))).toContain("is not a tar archive");
  await Bun.write(path, Bun.gzipSync(new Uint8Array(9)));
  expect(await failure(openImageArchive(path, signal))).toContain("is compressed with gzip");
  for (const bytes of [0, 100, 511]) {
    const short = await archiveFile("short.tar", twoImages());
    await truncate(short, bytes);
    expect(await failure(openImageArchive(short, signal))).toBe(`${short} is cut short`);
  }
});

test.each(["index.json", "manifest.json"])("a %s that is too large is refused unread", async (name) => {
  const path = join(dir, "large.tar");
  const body = " ".repeat((8 << 20) + 1);
  await Bun.write(path, await packTar([{ header: { name, size: body.length }, body }]));
  expect(await failure(openImageArchive(path, signal))).toBe(
    `${name} of ${path} is too large: 8388609 bytes`,
  );
});

test("a docker archive becomes OCI images", async () => {
  const path = join(dir, "docker.tar");
  const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } };
  const manifest = [{ Config: "c.json", RepoTags: ["busybox:1"], Layers: ["l/layer.tar"] }];
  const entry = (name: string, body: string) => ({ header: { name, size: body.length }, body });
  const tar = await packTar([
    entry("manifest.json", JSON.stringify(manifest)),
    entry("c.json", JSON.stringify(config)),
    entry("l/layer.tar", "content"),
  ]);
  await Bun.write(path, tar);
  await using archive = await openImageArchive(path, signal);
  expect(archive.images.map((image) => image.ref)).toEqual(["docker.io/library/busybox:1"]);
  expect(await archive.openBlob(sha256("content"))).toBeDefined();
});

test("a layer without end is given up when nobody waits for it any more", async () => {
  const stopping = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(1);
      controller.enqueue(new Uint8Array(10));
    },
  });
  const manifest = encode([{ Config: "c.json", RepoTags: ["busybox:1"], Layers: [] }]);
  const opening = dockerArchiveImages({
    path: "docker.tar",
    manifest,
    openFile: () => ({ size: 10, stream: () => endless }),
    signal: stopping.signal,
  });
  stopping.abort("enough");
  expect(await opening.then(String, (err: unknown) => err)).toBe("enough");
});

test("short Docker names are completed", () => {
  expect(normalizeRef("a/b:1")).toBe("docker.io/a/b:1");
  expect(normalizeRef("localhost/k0s/web:1")).toBe("localhost/k0s/web:1");
});
