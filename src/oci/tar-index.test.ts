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

const { signal } = new AbortController();
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
    const found = [...(await indexTar(handle, "a.tar", signal))];
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

/** A header with this size field, its checksum right. */
function headerOf(size: string, type = "0"): Uint8Array {
  const header = new Uint8Array(512);
  const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at);
  put("blobs/sha256/aa", 0);
  put(size, 124);
  put(`${type}ustar\x0000`, 156);
  put(" ".repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function tarOf(...blocks: readonly Uint8Array[]): Uint8Array {
  const tar = new Uint8Array(8 * 512);
  for (const [index, block] of blocks.entries()) tar.set(block, index * 512);
  return tar;
}

test.each(["-1000", "nine", "-1"])("a header of size %s is damage, not a way back", async (size) => {
  expect(await filesOf(tarOf(headerOf(size)))).toBe("a.tar is not a tar archive, or it is damaged at byte 0");
});

test.each(["-1536", "1.5", "0x10", "99999999999999999999"])(
  "so is a pax record that says %s",
  async (size) => {
    const record = ` size=${size}\n`;
    const text = `${record.length + 2}${record}`;
    const pax = headerOf(text.length.toString(8), "x");
    expect(await filesOf(tarOf(pax, new TextEncoder().encode(text), headerOf("0")))).toBe(
      "a.tar is not a tar archive, or it is damaged at byte 1024",
    );
  },
);

test("an archive is not looked through to its end for nobody", async () => {
  const path = join(dir, "b.tar");
  await Bun.write(path, await packTar([file("index.json", "{}")]));
  await using handle = await open(path, "r");
  expect(await indexTar(handle, "b.tar", AbortSignal.abort("enough")).catch((err: unknown) => err)).toBe(
    "enough",
  );
});
