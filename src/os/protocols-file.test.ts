import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../std/logfmt.ts";
import { ensureProtocolsFile, namesProtocols, ownProtocolsFile } from "./protocols-file.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-protocols-"));
});
afterEach(() => rm(dir, { recursive: true }));

test("a file is written where there is none, for everyone to read", async () => {
  const path = join(dir, "protocols");
  expect(await ensureProtocolsFile(silentLogger(), path)).toBe(true);
  expect(await readFile(path, "utf8")).toBe(ownProtocolsFile);
  expect((await stat(path)).mode & 0o777).toBe(0o644);
});

test("a file that is there stays as it is, whatever it names", async () => {
  const path = join(dir, "protocols");
  await writeFile(path, "udp 17\n");
  expect(await ensureProtocolsFile(silentLogger(), path)).toBe(false);
  expect(await readFile(path, "utf8")).toBe("udp 17\n");
});

test("where none can be written, protocols have no names", async () => {
  expect(await ensureProtocolsFile(silentLogger(), join(dir, "gone", "protocols"))).toBe(false);
});

test("tcp and udp must have their own numbers", () => {
  expect(namesProtocols(ownProtocolsFile)).toBe(true);
  expect(namesProtocols("tcp\t6\tTCP\t\t# transmission control protocol\nudp\t17\tUDP\n")).toBe(true);
  expect(namesProtocols("# tcp 6\nudp 17\n")).toBe(false);
  expect(namesProtocols("tcp 60\nudp 17\n")).toBe(false);
});
