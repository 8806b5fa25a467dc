import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../src/os/exec.ts";
import { forgetSource, noteSource, notedSource, sourceState } from "./source-state.ts";

let dir = "";
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "k0s-source-state-"))));
afterEach(() => rm(dir, { recursive: true, force: true }));

const state = (): Promise<string | undefined> => sourceState(dir, AbortSignal.timeout(20_000));
async function git(...args: readonly string[]): Promise<string> {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
  const { code, stdout, stderr } = await run("git", ["-C", dir, ...who, ...args], { timeoutMs: 20_000 });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

test("each commit, each change of a file and each new file is another state; the same ones are the same", async () => {
  await git("init", "--quiet");
  await writeFile(join(dir, "a"), "1");
  await git("add", "a");
  await git("commit", "--quiet", "--message", "first");
  const first = await state();
  expect(first).toBe(`commit ${await git("rev-parse", "HEAD")}`);
  await writeFile(join(dir, "a"), "2");
  const changed = await state();
  expect(changed).toMatch(/^commit [0-9a-f]+ with changes [0-9a-f]{12}$/);
  expect(await state()).toBe(changed);
  await writeFile(join(dir, "b"), "1");
  const more = await state();
  await writeFile(join(dir, "b"), "2");
  const other = await state();
  await git("add", "a", "b");
  await git("commit", "--quiet", "--message", "second");
  const states = [first, changed, more, other, await state()];
  expect(new Set(states).size).toBe(5);
});

test("a source archive has none; a note stays until it is forgotten", async () => {
  expect(await state()).toBeUndefined();
  const k0s = join(dir, "k0s");
  expect(await notedSource(k0s)).toBeUndefined();
  await noteSource(k0s, "commit abc");
  expect(await notedSource(k0s)).toBe("commit abc");
  await forgetSource(k0s);
  expect(await notedSource(k0s)).toBeUndefined();
});
