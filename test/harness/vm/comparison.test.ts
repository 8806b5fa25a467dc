import { expect, test } from "bun:test";
import { compareSnapshots } from "./comparison.ts";

test("what a system changes by itself is counted, and is not a difference", () => {
  const before = { links: ["lo", "eth0"], files: ["/run/udev/data/1", "/etc/hosts"] };
  const after = { links: ["lo", "eth0", "cni0"], files: ["/run/udev/data/2", "/etc/hosts"] };
  const { table, differences } = compareSnapshots(before, after, [/^\/run\/udev\//]);
  expect(differences).toEqual({ links: ["+ cni0"] });
  expect(table).toBe(`KIND    BEFORE   AFTER   OF K0S   OF THE SYSTEM
links   2        3       1        0
files   2        2       0        2
`);
});
