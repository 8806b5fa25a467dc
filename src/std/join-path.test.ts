import { expect, test } from "bun:test";
import { isWindowsPath, joinPath } from "./join-path.ts";

test("a path is put together as its system writes it", () => {
  expect(joinPath("/var/lib/k0s", "bin", "kubelet")).toBe("/var/lib/k0s/bin/kubelet");
  expect(joinPath("C:\\var\\lib\\k0s", "bin", "kubelet.exe")).toBe("C:\\var\\lib\\k0s\\bin\\kubelet.exe");
});

test("a drive or a share makes a path one of Windows", () => {
  expect(
    ["C:\\k0s", "d:/k0s", "\\\\server\\share", "\\\\.\\pipe\\k0s"].filter((path) => !isWindowsPath(path)),
  ).toEqual([]);
  expect(["/var/lib/k0s", "/c:/x", "k0s", ""].filter(isWindowsPath)).toEqual([]);
});
