import { expect, test } from "bun:test";
import { assert, dictionary, property, string } from "fast-check";
import { type BuildInputs, contentHash, isBuildInput } from "./content-hash.ts";

const base: BuildInputs = {
  files: { "go.mod": "aa", "main.go": "bb" },
  platform: "linux/amd64",
  toolchain: "go1.26.8",
  flags: ["-trimpath"],
};

test("the same inputs have the same name, in whatever order files are listed", () => {
  const files = dictionary(string(), string());
  assert(
    property(files, (entries) => {
      const reversed = Object.fromEntries(Object.entries(entries).toReversed());
      expect(contentHash({ ...base, files: entries })).toBe(contentHash({ ...base, files: reversed }));
    }),
  );
});

test("every input counts", () => {
  const variants: BuildInputs[] = [
    base,
    { ...base, files: { ...base.files, "main.go": "cc" } },
    { ...base, files: { ...base.files, "other.go": "bb" } },
    { ...base, platform: "linux/arm64" },
    { ...base, toolchain: "go1.26.9" },
    { ...base, flags: ["-trimpath", "-race"] },
    { ...base, flags: ["-trimpath -race"] },
    { ...base, c: [] },
    { ...base, c: ["12.2.0"] },
  ];
  expect(new Set(variants.map(contentHash)).size).toBe(variants.length);
});

test("what lies beside the sources does not count", () => {
  expect(["main.go", "mended.patch", "go.mod", "go.sum", "component.json"].every(isBuildInput)).toBe(true);
  expect(["main_test.go", "README.md", "go.work", ".swp"].some(isBuildInput)).toBe(false);
});
