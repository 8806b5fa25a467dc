import { expect, test } from "bun:test";
import { accessArguments, restrictDirectory } from "./private-directory.ts";

test("administrators and the system may change it; others read it, or not even that", async () => {
  const all: string[] = [];
  const some: string[] = [];
  await restrictDirectory("C:\\k0s", "open", async (_, args) => (all.push(...args), ""));
  await restrictDirectory("C:\\k0s", "closed", async (_, args) => (some.push(...args), ""));
  expect(all).toEqual([
    "C:\\k0s",
    "/inheritance:r",
    "/grant:r",
    "*S-1-5-18:(OI)(CI)F",
    "*S-1-5-32-544:(OI)(CI)F",
    "*S-1-5-32-545:(OI)(CI)RX",
    "/Q",
  ]);
  expect(some).toEqual(all.filter((word) => !word.includes("545")));
  expect(accessArguments("D:\\x", "closed")[0]).toBe("D:\\x");
});
