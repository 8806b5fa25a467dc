import { expect, test } from "bun:test";
import { folderIdentity, isNotedFolder } from "./folder-identity.ts";

test("a folder that got the inode of a removed one is another one; where no birth is known, the inode decides", () => {
  const first = folderIdentity({ ino: 7n, birthtimeNs: 100n });
  expect(isNotedFolder(first, first)).toBe(true);
  expect(isNotedFolder(folderIdentity({ ino: 7n, birthtimeNs: 200n }), first)).toBe(false);
  const unknown = folderIdentity({ ino: 7n, birthtimeNs: 0n });
  expect(isNotedFolder(unknown, unknown)).toBe(true);
  expect(isNotedFolder(folderIdentity({ ino: 8n, birthtimeNs: 0n }), unknown)).toBe(false);
  // The disk under a mount that went knows the birth of its own folder.
  expect(isNotedFolder(first, unknown)).toBe(false);
});

test("in overlayfs a folder of a lower layer stays the same when its first manifest is removed, though its birth changes", () => {
  const overlay = 0x79_4c_76_30;
  const noted = folderIdentity({ ino: 7n, birthtimeNs: 100n }, overlay);
  expect(isNotedFolder(folderIdentity({ ino: 7n, birthtimeNs: 200n }, overlay), noted)).toBe(true);
  expect(isNotedFolder(folderIdentity({ ino: 8n, birthtimeNs: 100n }, overlay), noted)).toBe(false);
});

test("what an earlier k0s has noted is the inode alone, and nothing noted is no folder", () => {
  const identity = folderIdentity({ ino: 71n, birthtimeNs: 100n });
  expect(isNotedFolder(identity, "71")).toBe(true);
  expect(isNotedFolder(identity, "7")).toBe(false);
  expect(isNotedFolder(identity, "")).toBe(false);
});
