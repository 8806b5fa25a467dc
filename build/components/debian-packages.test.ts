import { expect, test } from "bun:test";
import { missingPackages } from "./debian-packages.ts";

const installed =
  "gcc:amd64 installed\nlibseccomp-dev:amd64 installed\ntzdata:all installed\nold:amd64 config-files\n";

test("installed packages are found by bare and by qualified name", () => {
  expect(missingPackages(["gcc", "gcc:amd64", "tzdata", "libseccomp-dev:amd64"], installed, "amd64")).toEqual(
    [],
  );
});

test("removed packages and those of another architecture are missing", () => {
  expect(missingPackages(["old", "libseccomp-dev:arm64", "never"], installed, "amd64")).toEqual([
    "old",
    "libseccomp-dev:arm64",
    "never",
  ]);
});
