import { expect, test } from "bun:test";
import { assert, integer, property, record, uint8Array } from "fast-check";
import { decodeTrailer, encodeTrailer } from "./trailer.ts";

test("what is encoded is decoded", () => {
  const sizes = record({
    indexOffset: integer({ min: 0 }),
    indexSize: integer({ min: 0 }),
    indexSha256: uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) =>
      Buffer.from(bytes).toString("hex"),
    ),
  });
  assert(
    property(sizes, (trailer) => {
      const whole = { ...trailer, fileSize: trailer.indexOffset + trailer.indexSize + 64 };
      expect(decodeTrailer(encodeTrailer(whole), whole.fileSize)).toEqual(whole);
    }),
  );
});

test("a file of another size than it says is refused", () => {
  const bytes = encodeTrailer({ indexOffset: 0, indexSize: 1, indexSha256: "0".repeat(64), fileSize: 100 });
  expect(() => decodeTrailer(bytes, 99)).toThrow('part "trailer": the file has 99 bytes, it should have 100');
  expect(() => decodeTrailer(Buffer.alloc(64), 64)).toThrow("not found");
});
