import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { componentPackage, componentSbom, readComponentPackage } from "./component-sbom.ts";
import { parseBuildInfo } from "./go-modules.ts";
import { debianPackage, npmPackage } from "./packages.ts";
import { spdxDocument } from "./spdx.ts";

const info = `/tmp/x/demo: go1.26.8
\tpath\tk0s/components/demo
\tmod\tk0s/components/demo\t(devel)\t
\tdep\texample.test/a\tv1.0.0\th1:aaa=
\tdep\texample.test/b\tv0.0.0
\t=>\texample.test/b\tv0.2.0\th1:bbb=
\tbuild\t-trimpath=true
`;
const demo = { name: "demo", version: "1.2.3", module: "example.test/a", license: "MIT" };

test("replaced modules are listed as what was linked", () => {
  expect(parseBuildInfo(info)).toEqual({
    goVersion: "go1.26.8",
    modules: [
      { path: "example.test/a", version: "v1.0.0", sum: "h1:aaa=" },
      { path: "example.test/b", version: "v0.2.0", sum: "h1:bbb=" },
    ],
  });
});

test("a module linked from a patched copy keeps its name and version", () => {
  const lines = ["\tdep\texample.test/a\tv1.0.0\th1:aaa=", "\t=>\t./patched\t(devel)\t"];
  const [patched] = parseBuildInfo(["/tmp/x/demo: go1.26.8", ...lines].join("\n")).modules;
  expect(patched).toEqual({ path: "example.test/a", version: "v1.0.0", patched: true });
});

test("the module of a program that is linked in has its own licence", () => {
  const lift = { a: { module: "example.test/a", license: "MIT" }, own: "example.test/demo/cmd/own" };
  const modules = [{ path: "example.test/a", version: "v1.0.0" }];
  expect(componentPackage({ ...demo, lift }, modules).contains?.map(({ license }) => license)).toEqual([
    "MIT",
  ]);
});

test("a main package that was copied from its module is not listed besides that", () => {
  const lines = ["\tdep\texample.test/a\tv1.0.0\th1:aaa=", "\tdep\texample.test/a/lifted\tv0.0.0\t"];
  const info = ["/tmp/x/demo: go1.26.8", ...lines, "\t=>\t./lifted/a\t(devel)\t"].join("\n");
  expect(parseBuildInfo(info).modules.map(({ path }) => path)).toEqual(["example.test/a"]);
});

test("a document has the shape that SPDX 2.3 asks for, and the same bytes each time", () => {
  const make = () => componentSbom(demo, "linux/amd64", parseBuildInfo(info).modules);
  const document = make();
  expect(JSON.stringify(make())).toBe(JSON.stringify(document));
  expect(document).toMatchObject({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
  });
  expect(document.creationInfo.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const ids = document.packages.map((entry) => entry.SPDXID);
  expect(new Set(ids).size).toBe(3);
  expect(ids.every((id) => /^SPDXRef-[A-Za-z0-9.-]+$/.test(id))).toBe(true);
  const known = new Set<string>([...ids, "SPDXRef-DOCUMENT"]);
  for (const relationship of document.relationships) {
    expect(known.has(relationship.spdxElementId) && known.has(relationship.relatedSpdxElement)).toBe(true);
  }
  expect(document.relationships.filter((entry) => entry.relationshipType === "DESCRIBES")).toHaveLength(1);
});

test("a package contained twice is listed once", () => {
  const shared = npmPackage("@scope/name", "1.0.0");
  const parts = [
    { name: "one", version: "1", contains: [shared] },
    { name: "two", version: "1", contains: [shared, debianPackage("nftables", "1.0.6-2+deb12u2", "amd64")] },
  ];
  const document = spdxDocument({ name: "all", version: "1", contains: parts });
  expect(document.packages.filter((entry) => entry.name === "@scope/name")).toHaveLength(1);
  expect(document.relationships.filter((entry) => entry.relationshipType === "CONTAINS")).toHaveLength(5);
  const purls = document.packages.flatMap(
    (entry) => entry.externalRefs?.map((ref) => ref.referenceLocator) ?? [],
  );
  expect(purls).toContain("pkg:npm/%40scope/name@1.0.0");
  expect(purls).toContain("pkg:deb/debian/nftables@1.0.6-2%2Bdeb12u2?arch=amd64");
});

test("a stored document can be read back to be part of a larger one", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sbom-"));
  const { modules } = parseBuildInfo(info);
  await writeFile(join(dir, "sbom.json"), JSON.stringify(componentSbom(demo, "linux/amd64", modules)));
  const read = await readComponentPackage(dir);
  expect(read).toEqual({ ...componentPackage(demo, modules), comment: "built for linux/amd64" });
  await rm(dir, { recursive: true });
});
