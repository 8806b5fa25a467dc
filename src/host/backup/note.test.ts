import { expect, test } from "bun:test";
import { assertNotNewer, backupNote, readBackupNote } from "./note.ts";

const note = (version: string) =>
  backupNote({ createdAt: "2026-11-27T04:00:00Z", version, node: "n", dataDir: "/d", args: [] });

test("a note is read as it was written; upstream's archives have none", () => {
  expect(readBackupNote(JSON.stringify(note("v1.37.2+k0s.0")))).toEqual(note("v1.37.2+k0s.0"));
  expect(readBackupNote(undefined)).toBeUndefined();
});

test.each(["{", "{}", JSON.stringify({ ...note("v1.37.2+k0s.0"), formatVersion: 2 })])(
  "%s is refused",
  (text) => {
    expect(() => readBackupNote(text)).toThrow();
  },
);

test("objects of a later minor version are refused, those of a later patch are not", () => {
  const now = "v1.37.2+k0s.0";
  expect(() => assertNotNewer(note("v1.38.0+k0s.0"), now)).toThrow("v1.38.0+k0s.0");
  for (const version of ["v1.37.9+k0s.0", "v1.36.1+k0s.0", "v1.37.2+k0s.0"])
    expect(() => assertNotNewer(note(version), now)).not.toThrow();
  expect(() => assertNotNewer(undefined, now)).not.toThrow();
});
