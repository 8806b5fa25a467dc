import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anchor } from "../std/testdata/anchors.ts";
import { encodeJoinToken } from "./join-token.ts";
import { type JoinTokenSource, readJoinToken } from "./read-token.ts";

let path = "";
beforeEach(async () => (path = join(await mkdtemp(join(tmpdir(), "k0s-token-")), "token")));
afterEach(() => rm(join(path, ".."), { recursive: true }));

const tokenOf = (token: string): string =>
  encodeJoinToken({
    server: "https://192.0.2.1:6443",
    ca: anchor,
    token,
    role: "worker",
    expires: undefined,
  });
const [first, second] = ["aaaaaa.0123456789abcdef", "bbbbbb.0123456789abcdef"] as const;

test("a token that comes through a pipe can be read again, by the check before a start and each try to join", async () => {
  Bun.spawnSync(["mkfifo", path]);
  const source: JoinTokenSource = { kind: "file", path };
  const [, token] = await Promise.all([writeFile(path, tokenOf(first)), readJoinToken(source, "worker")]);
  expect(token.token).toBe(first);
  expect((await readJoinToken(source, "worker")).token).toBe(first);
}, 5_000);

test("a file is read again: it may have been replaced", async () => {
  const source: JoinTokenSource = { kind: "file", path };
  await writeFile(path, tokenOf(first));
  await readJoinToken(source, "worker");
  await writeFile(path, tokenOf(second));
  expect((await readJoinToken(source, "worker")).token).toBe(second);
});
