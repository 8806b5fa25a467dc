import { expect, test } from "bun:test";
import { dataDirEntries, divideEntries } from "./data-dir-entries.ts";
import { nodePaths } from "../product/paths.ts";

test("whatever a node's paths name below the data directory is known to be k0s'", () => {
  const paths = nodePaths({ dataDir: "/k0s", runDir: "/k0s/run" });
  const below = Object.values(paths).filter((path) => path.startsWith("/k0s/"));
  expect(below.length).toBeGreaterThan(10);
  for (const path of below) expect(dataDirEntries).toContain(path.split("/")[2] ?? "");
});

test("entries are divided by exact names; halves of cut-off writes belong to what they were to become", () => {
  const present = [
    "pki",
    "pki.bak",
    ".pki.1.0123abcd.tmp",
    ".mine.1.0123abcd.tmp",
    ".k0s-tmp-x-1",
    "bin",
    "Bin",
  ];
  expect(divideEntries(present, ["bin", "pki"])).toEqual({
    ours: [".pki.1.0123abcd.tmp", ".k0s-tmp-x-1", "bin", "pki"],
    others: [".mine.1.0123abcd.tmp", "Bin", "pki.bak"],
  });
});
