import { expect, test } from "bun:test";
import type { Descriptor } from "./image.ts";
import { manifestFor, parsePlatform, platformText } from "./platform.ts";

test.each([
  ["linux/amd64", "linux/amd64"],
  ["linux/x86_64", "linux/amd64"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm", "linux/arm/v7"],
  ["linux/armhf", "linux/arm/v7"],
  ["Linux/ARM/6", "linux/arm/v6"],
  ["windows(10.0.20348)/amd64", "windows(10.0.20348)/amd64"],
])("%s is %s", (text, full) => expect(platformText(parsePlatform(text))).toBe(full));

test.each(["", "linux", "linux/", "a/b/c/d"])("%p is not a platform", (text) => {
  expect(() => parsePlatform(text)).toThrow("is not a platform");
});

const manifests = (...platforms: readonly object[]): Descriptor[] =>
  platforms.map((platform, index) => ({
    mediaType: "m",
    digest: `sha256:${index}`,
    size: 1,
    platform: { os: "linux", architecture: "arm", ...platform },
  }));
const chosen = (found: readonly Descriptor[], text: string): string | undefined =>
  manifestFor(found, parsePlatform(text))?.digest;

test("the best of what runs there is chosen", () => {
  const arms = manifests({ variant: "v5" }, { variant: "v6" }, {}, { architecture: "arm64", variant: "v8" });
  expect(chosen(arms, "linux/arm")).toBe("sha256:2");
  expect(chosen(arms, "linux/arm/v6")).toBe("sha256:1");
  expect(chosen(arms, "linux/arm64")).toBe("sha256:3");
  expect(chosen(arms, "linux/amd64")).toBeUndefined();
  expect(chosen(manifests({ variant: "v7" }), "linux/arm/v6")).toBeUndefined();
  const windows = manifests(
    { os: "windows", architecture: "amd64", "os.version": "10.0.17763.1" },
    { os: "windows", architecture: "amd64", "os.version": "10.0.20348.9" },
  );
  expect(chosen(windows, "windows(10.0.20348.2)/amd64")).toBe("sha256:1");
});
