import { expect, test } from "bun:test";
import { callsIn } from "./destructive-calls.ts";

test.each([
  ['import { mkdir, rm } from "node:fs/promises";', ["rm"]],
  ['import { rmSync as gone, type Stats } from "node:fs";', ["rmSync"]],
  ['import {\n  readFile,\n  chown,\n} from "fs/promises";', ["chown"]],
  ['import { sendSignal } from "../os/send-signal.ts";', ["sendSignal"]],
  ['import * as fs from "node:fs";', ['import * as fs from "node:fs']],
  ['import fs from "node:fs";', ['import fs from "node:fs']],
  ["process.kill(1, 0)", ["process.kill("]],
  ['await Bun.write("x", "")', ["Bun.write("]],
  ['Bun.file("x").delete()', ['Bun.file("x").delete(']],
  ["libc().unlinkat(fd, name, 0)", [".unlinkat("]],
])("%s is found", (text, calls) => {
  expect(callsIn(text)).toEqual(calls);
});

test.each([
  'import { readFile, mkdir, lstat } from "node:fs/promises";',
  'import { removeFile } from "../os/removal.ts";',
  'import { rm } from "./somewhere-else.ts";',
  'child.kill("SIGTERM")',
])("%s is fine", (text) => {
  expect(callsIn(text)).toEqual([]);
});
