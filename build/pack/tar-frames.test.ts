import { expect, test } from "bun:test";
import { asyncProperty, assert, integer } from "fast-check";
import { packTar } from "modern-tar";
import { maxFrameBytes } from "../../src/payload/index-schema.ts";
import { tarFrames } from "./tar-frames.ts";

const large = new Uint8Array(maxFrameBytes + 1000).fill(7);

const tar = await packTar([
  { header: { name: "small", size: 3, type: "file" }, body: "abc" },
  { header: { name: "large", size: large.length, type: "file" }, body: large },
  { header: { name: "small2", size: 3, type: "file" }, body: "def" },
]);

async function* inChunks(size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < tar.length; at += size) yield tar.subarray(at, at + size);
}

async function framesOf(chunk: number): Promise<Uint8Array[]> {
  return Array.fromAsync(tarFrames(inChunks(chunk)), (frame) => frame.slice());
}

test("a large file has frames of its own, however the tar arrives", async () => {
  await assert(
    asyncProperty(integer({ min: 100_000, max: 20_000_000 }), async (chunk) => {
      const frames = await framesOf(chunk);
      expect(frames.map((frame) => frame.length)).toEqual([
        1536,
        maxFrameBytes,
        1000,
        tar.length - 1536 - large.length,
      ]);
      expect(Buffer.concat(frames).equals(Buffer.from(tar))).toBe(true);
    }),
    { numRuns: 8 },
  );
});

test("chunks that split a header do not matter", async () => {
  expect((await framesOf(777)).map((frame) => frame.length)).toEqual(
    (await framesOf(1 << 20)).map((frame) => frame.length),
  );
});
