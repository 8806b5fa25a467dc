import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { boundedSink } from "../std/bounded-sink.ts";
import { cappedFile, cappedFileNames } from "./capped-file.ts";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "k0s-capped-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string): string => join(dir, name);
const small = () => cappedFile({ path: at("log"), maxBytes: 20, older: 2 });
const bytes = (text: string): Uint8Array => Buffer.from(text);

test("a full file gives its name to the next one, and the oldest goes", async () => {
  const log = small();
  for (const line of ["first, 16 bytes\n", "second\n", "third\n", "fourth\n", "fifth, 16 bytes\n", "sixth\n"])
    await log.write(bytes(line));
  await log.close();
  const texts = cappedFileNames(at("log"), 2).map((path) => readFileSync(path, "utf8"));
  expect(texts).toEqual(["sixth\n", "fifth, 16 bytes\n", "second\nthird\nfourth\n"]);
  expect(readdirSync(dir)).toHaveLength(3);
  expect(statSync(at("log")).mode & 0o777).toBe(0o600);
});

test("another run goes on in the same file, and counts what is there", async () => {
  for (const line of ["first, 16 bytes\n", "second\n"]) {
    const log = small();
    await log.write(bytes(line));
    await log.close();
  }
  expect(readFileSync(at("log"), "utf8")).toBe("second\n");
});

test.each([
  ["removed", () => rmSync(at("log"))],
  ["moved", () => renameSync(at("log"), at("elsewhere"))],
])("a file that somebody has %s is begun again", async (_, change) => {
  const log = small();
  await log.write(bytes("first\n"));
  change();
  await log.write(bytes("second\n"));
  await log.close();
  expect(readFileSync(at("log"), "utf8")).toBe("second\n");
});

test("its directory is made again for its owner alone, those above it are not", async () => {
  const path = join(dir, "log", "k0s.log");
  const log = cappedFile({ path, maxBytes: 20, older: 2 });
  await log.write(bytes("first\n"));
  rmSync(dirname(path), { recursive: true });
  await log.write(bytes("second\n"));
  expect(readFileSync(path, "utf8")).toBe("second\n");
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  rmSync(dir, { recursive: true });
  expect(log.write(bytes("third\n"))).rejects.toThrow("ENOENT");
  await log.close();
});

test("a place that is gone loses lines, and neither stops nor outlasts", async () => {
  rmSync(dir, { recursive: true });
  const log = cappedFile({ path: join(dir, "log", "k0s.log"), maxBytes: 20, older: 2 });
  const pauseMs = { full: { firstMs: 1, longestMs: 1 }, broken: { firstMs: 1, longestMs: 1 } };
  const lossLine = ({ lines }: { lines: number }) => `lost ${lines}\n`;
  const sink = boundedSink({ write: log.write, lossLine, limitBytes: 16, pauseMs });
  for (let line = 0; line < 100; line += 1) sink.write("a line\n");
  await sink.flush(20);
  expect(sink.busy()).toBe(true);
});
