import { expect, test } from "bun:test";
import { debianSbom } from "./debian-sbom.ts";

const sha256 = "a".repeat(64);

test("says which packages are not the tested ones", () => {
  const used = [
    { name: "nftables", version: "1.0.6-2", sha256 },
    { name: "curl", version: "7-2", sha256, deviation: { locked: "7-1" } },
    { name: "libnew", version: "1", sha256, deviation: {} },
    { name: "nftables", version: "1.0.6-2", sha256 },
  ];
  const linked = [
    { name: "libc6-dev", version: "2.36-9" },
    { name: "libseccomp-dev", version: "2.5.4-2", locked: "2.5.4-1" },
  ];
  const found = debianSbom(used, linked, "amd64");
  expect(found.map(({ name, version, comment }) => [name, version, comment])).toEqual([
    ["curl", "7-2", "not the tested one, which is 7-1"],
    ["libc6-dev", "2.36-9", "linked statically"],
    ["libnew", "1", "not the tested one, which is none: a new dependency"],
    ["libseccomp-dev", "2.5.4-2", "linked statically; not the tested one, which is 2.5.4-1"],
    ["nftables", "1.0.6-2", undefined],
  ]);
  expect(found[0]).toMatchObject({ purl: "pkg:deb/debian/curl@7-2?arch=amd64", sha256 });
});
