import { expect, test } from "bun:test";
import { parseYaml } from "../../src/std/yaml.ts";
import { feedFiles } from "./feed.ts";

const file = (name: string) => ({ url: `https://example.org/v1/${name}`, sha256: "ab".repeat(32) });
const platforms = [{ os: "linux", arch: "amd64", k0s: file("k0s"), airgapBundle: file("bundle.tar") }];

test("each channel names version, files and sums, in the fields that upstream's updater reads", () => {
  const files = feedFiles({ version: "v1.37.2+k0s.0", endOfLife: "2027-10-28", platforms });
  expect([...files.keys()]).toEqual([
    "latest/index.yaml",
    "stable/index.yaml",
    "stable/v1.37/index.yaml",
    "latest.txt",
    "stable.txt",
  ]);
  expect(parseYaml(files.get("stable/v1.37/index.yaml") ?? "")).toEqual({
    channel: "stable/v1.37",
    eolDate: "2027-10-28",
    version: "v1.37.2+k0s.0",
    downloadURLs: [
      {
        arch: "amd64",
        os: "linux",
        k0s: "https://example.org/v1/k0s",
        k0sSha256: "ab".repeat(32),
        airgapBundle: "https://example.org/v1/bundle.tar",
        airgapSha256: "ab".repeat(32),
      },
    ],
  });
  expect(files.get("stable.txt")).toBe("v1.37.2+k0s.0\n");
});

test("a pre-release is in the latest channel alone", () => {
  const files = feedFiles({ version: "v1.38.0-rc.1+k0s.0", endOfLife: "", platforms });
  expect([...files.keys()]).toEqual(["latest/index.yaml", "latest.txt"]);
  expect(parseYaml(files.get("latest/index.yaml") ?? "")).toMatchObject({
    eolDate: "",
    version: "v1.38.0-rc.1+k0s.0",
  });
});

test("a checksum of digits stays a text", () => {
  const digits = { url: "u", sha256: "1234567890".repeat(6) + "1234" };
  const files = feedFiles({
    version: "v1.37.2+k0s.0",
    endOfLife: "2027-10-28",
    platforms: [{ os: "linux", arch: "amd64", k0s: digits, airgapBundle: digits }],
  });
  // Go's reader takes an unquoted number, or a date, for what it is.
  const text = files.get("stable/index.yaml") ?? "";
  expect(text).toContain(`k0sSha256: '${digits.sha256}'`);
  expect(text).toContain("eolDate: '2027-10-28'");
});
