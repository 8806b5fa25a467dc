import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeUtf8 } from "./utf8.ts";

test("every text comes back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      // A byte order mark at the beginning is not part of the text.
      expect(decodeUtf8(Buffer.from(text), "x")).toBe(text.replace(/^\uFEFF/, ""));
    }),
  );
});

test("a wrong byte is named with its line, wherever it is", () => {
  const latin1 = Buffer.concat([Buffer.from("a: b\nc: gr"), Buffer.from([0xfc]), Buffer.from("n\nd: e\n")]);
  expect(() => decodeUtf8(latin1, "k0s.yaml")).toThrow(
    "k0s.yaml:2: is not UTF-8 text: the byte 0xfc is not part",
  );
  expect(() => decodeUtf8(Buffer.from([0x61, 0xe2, 0x82]), "k0s.yaml")).toThrow(
    "k0s.yaml:1: is not UTF-8 text: it ends in the middle",
  );
});

test("UTF-16 is called by its name", () => {
  for (const mark of [
    [0xff, 0xfe],
    [0xfe, 0xff],
  ])
    expect(() => decodeUtf8(Buffer.from([...mark, 0x61, 0]), "k0s.yaml")).toThrow("it is written in UTF-16");
});
