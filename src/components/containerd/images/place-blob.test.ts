import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeBlob } from "./place-blob.ts";

const store = "containerd/io.containerd.content.v1.content";
const digest = `sha256:${"ab".repeat(32)}`;
let dir = "";
const at = (...parts: string[]): string => join(dir, ...parts);
const { signal } = new AbortController();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-place-"));
  mkdirSync(at(store, "ingest"), { recursive: true });
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const place = () => ({ rootDir: at("containerd"), scratchDir: dir });

function blobOf(...chunks: readonly (string | Error)[]) {
  return {
    size: chunks.join("").length,
    stream: () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const chunk of chunks) {
            if (chunk instanceof Error) return controller.error(chunk);
            controller.enqueue(Buffer.from(chunk));
          }
          controller.close();
        },
      }),
  };
}

test("it lies under its digest, to be read by all, and is not written twice", async () => {
  await placeBlob(place(), digest, blobOf("one ", "two"), signal);
  const path = at(store, "blobs", "sha256", "ab".repeat(32));
  expect(readFileSync(path, "utf8")).toBe("one two");
  expect(statSync(path).mode & 0o777).toBe(0o444);
  await placeBlob(place(), digest, blobOf(new Error("read again")), signal);
  expect(readdirSync(dir)).toEqual(["containerd"]);
});

test("what its source finds damaged is not there afterwards, nor anything of it", async () => {
  const damaged = placeBlob(place(), digest, blobOf("one ", new Error("damaged")), signal);
  const [{ status }] = await Promise.allSettled([damaged]);
  expect(status).toBe("rejected");
  expect(readdirSync(dir)).toEqual(["containerd"]);
  expect(readdirSync(at(store, "blobs", "sha256"))).toEqual([]);
});

test("a containerd that keeps its content elsewhere gets nothing", async () => {
  rmSync(at(store), { recursive: true });
  await placeBlob(place(), digest, blobOf("one"), signal);
  expect(readdirSync(at("containerd"))).toEqual([]);
});

const memory = "/dev/shm";

test.skipIf(!existsSync(memory) || statSync(memory).dev === statSync(tmpdir()).dev)(
  "a containerd on another file system gets nothing, and nothing is written for it",
  async () => {
    const scratchDir = mkdtempSync(join(memory, "k0s-place-"));
    try {
      await placeBlob({ ...place(), scratchDir }, digest, blobOf(new Error("read for nothing")), signal);
      expect(readdirSync(scratchDir)).toEqual([]);
      expect(readdirSync(at(store, "blobs", "sha256"))).toEqual([]);
    } finally {
      rmSync(scratchDir, { recursive: true });
    }
  },
);
