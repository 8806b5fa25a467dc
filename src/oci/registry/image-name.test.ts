import { expect, test } from "bun:test";
import { imageNameText, namesInBundle, parseImageName } from "./image-name.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["busybox", "docker.io/library/busybox:latest"],
  ["index.docker.io/team/shop:4", "docker.io/team/shop:4"],
  ["registry.example:5000/shop", "registry.example:5000/shop:latest"],
  ["localhost/k0s/pause:3", "localhost/k0s/pause:3"],
  [`quay.io/a/b@${digest}`, `quay.io/a/b@${digest}`],
  [`quay.io/a/b:1@${digest}`, `quay.io/a/b:1@${digest}`],
  ["[fd00::1]:5000/a:1", "[fd00::1]:5000/a:1"],
])("%s is %s", (text, full) => {
  expect(imageNameText(parseImageName(text))).toBe(full);
});

test.each([
  "",
  "UPPER/Case",
  "a:",
  "a@sha256:12",
  "http://a/b",
  "a/../b",
  "quay.io/",
  "a b",
  `a@${digest}@${digest}`,
])("%p is not a name", (text) => expect(() => parseImageName(text)).toThrow("is not the name of an image"));

test("a bundle names an image in full, by its tag and by its digest", () => {
  expect(namesInBundle(parseImageName(`quay.io/a/b:1@${digest}`))).toEqual([
    `quay.io/a/b:1@${digest}`,
    "quay.io/a/b:1",
    `quay.io/a/b@${digest}`,
  ]);
  expect(namesInBundle(parseImageName("quay.io/a/b:1"))).toEqual(["quay.io/a/b:1"]);
});
