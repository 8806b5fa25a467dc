import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "modern-tar";
import { errorMessage } from "../std/errors.ts";
import { indexTar } from "./tar-index.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-tar-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const file = (name: string, body: string): TarEntry => ({ header: { name, size: body.length }, body });
const link = (name: string, linkname: string, type: "symlink" | "link" = "symlink"): TarEntry => ({
  header: { name, linkname, type, size: 0 },
});

/** The names that are found, with their text; or what is said instead. */
async function filesOf(bytes: Uint8Array): Promise<Record<string, string> | string> {
  const path = join(dir, "a.tar");
  await Bun.write(path, bytes);
  await using handle = await open(path, "r");
  try {
    const found = [...(await indexTar(handle, "a.tar"))];
    const text = bytes.slice();
    return Object.fromEntries(
      found.map(([name, { offset, size }]) => [
        name,
        new TextDecoder().decode(text.subarray(offset, offset + size)),
      ]),
    );
  } catch (err) {
    return errorMessage(err);
  }
}

test.each([
  [file("../outside", "x"), `"../outside"`],
  [file("a/../../outside", "x"), `"a/../../outside"`],
  [file("/etc/shadow", "x"), `"/etc/shadow"`],
])("an entry that leads out of the archive refuses it whole", async (entry, name) => {
  expect(await filesOf(await packTar([file("index.json", "{}"), entry]))).toBe(
    `a.tar has an entry that leads out of the archive: ${name}`,
  );
});

test.each([
  [link("blobs/sha256/aa", "/etc/shadow"), `"/etc/shadow"`],
  [link("blobs/sha256/aa", "../../../etc/shadow"), `"../../../etc/shadow"`],
  [link("aa", "../etc/shadow", "link"), `"../etc/shadow"`],
])("so does a link that leads out of it", async (entry, target) => {
  const said = await filesOf(await packTar([file("index.json", "{}"), entry]));
  expect(said).toBe(
    `a.tar has a link that leads out of the archive: ${JSON.stringify(entry.header.name)} to ${target}`,
  );
});

test("links inside the archive stand for their files, those to nothing and circles for none", async () => {
  const tar = await packTar([
    file("./one/layer.tar", "content"),
    link("two/layer.tar", "../one/layer.tar"),
    link("three/layer.tar", "../two/layer.tar"),
    link("four.tar", "one/layer.tar", "link"),
    link("nowhere", "absent"),
    link("round", "circle"),
    link("circle", "round"),
  ]);
  expect(await filesOf(tar)).toEqual({
    "one/layer.tar": "content",
    "two/layer.tar": "content",
    "three/layer.tar": "content",
    "four.tar": "content",
  });
});

test("a compressed archive is called that", async () => {
  const tar = gzipSync(await packTar([file("index.json", "{}".padEnd(4000, " "))]), { level: 0 });
  expect(await filesOf(tar)).toBe("a.tar is compressed with gzip: only a plain tar archive is read");
});
