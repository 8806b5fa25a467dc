import { expect, test } from "bun:test";
import { unpackTar } from "modern-tar";
import { bundleArchive } from "./archive.ts";

const now = new Date(2026, 0, 1);
const unpacked = async (archive: Uint8Array): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await unpackTar(Bun.gunzipSync(Buffer.from(archive)))).map(({ header, data }) => {
      expect(header.mode).toBe(0o600);
      return [header.name, Buffer.from(data ?? []).toString()];
    }),
  );
const { signal } = new AbortController();
const redact = async (text: string): Promise<string> => text.replaceAll("hunter2", "x");
const options = { directory: "dir", now, signal, redact };

test("files lie in a directory, redacted", async () => {
  const limits = { file: 100, whole: 100 };
  const files = await unpacked(
    await bundleArchive([{ path: "a/b", text: "é hunter2" }], { ...options, limits }),
  );
  expect(files).toEqual({ "dir/a/b": "é x" });
});

test("a long file keeps its end, at a line; what has no room is named", async () => {
  const files = await unpacked(
    await bundleArchive(
      [
        { path: "long", text: "hunter2 first\nsecond\nthird\n" },
        { path: "one-line", text: "x".repeat(30) },
        { path: "no-room", text: "y".repeat(20) },
        { path: "small", text: "z" },
      ],
      { ...options, limits: { file: 20, whole: 100 } },
    ),
  );
  expect(files).toEqual({
    "dir/long": "[the first 14 characters are left out]\nsecond\nthird\n",
    "dir/one-line": "[the first 30 characters are left out]\n",
    "dir/small": "z",
    "dir/left-out.txt": "There was no room for these files:\nno-room\n",
  });
});
