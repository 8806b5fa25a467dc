import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertAnswering } from "./answering.ts";
import { cleanEnvironment, run } from "./exec.ts";

let dir = "";

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-unmount-")));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const testdata = join(import.meta.dir, "testdata");
const k0s = `${process.execPath} ${join(import.meta.dir, "..", "main.ts")}`;
const standIn = join(testdata, "slow-unmount.sh");

/** Makes mounts below `dir/m`, takes them off, and tells what became of it. */
async function takeOff(
  mounts: string,
  self: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly problem: string; readonly left: readonly string[] }> {
  const script = `mkdir ${dir}/m && cd ${dir}/m && ${mounts}
    ${process.execPath} ${join(testdata, "unmount-all.ts")} ${dir}/m ${self}`;
  const result = await run("unshare", ["--mount", "--propagation", "private", "sh", "-ec", script], {
    env: { ...cleanEnvironment(), ...env },
    timeoutMs: 60_000,
  });
  expect(result.stderr).toBe("");
  return JSON.parse(result.stdout);
}

test("by the real helper: in order, busy ones lazily, and gone is fine", async () => {
  const mounts = `mkdir a b && mount -t tmpfs t a && mkdir a/x && mount -t tmpfs t a/x && mount --bind a/x b
    exec 9>a/x/busy`;
  expect(await takeOff(mounts, k0s)).toEqual({ problem: "none", left: [] });
}, 90_000);

test("a call that does not return ends nobody's work: that mount goes by force, the others as usual", async () => {
  const calls = join(dir, "calls");
  const mounts = "mkdir a b c && for i in a b c; do mount -t tmpfs t $i; done";
  const outcome = await takeOff(mounts, standIn, { STUCK: `${dir}/m/b`, CALLS: calls });
  expect(outcome).toEqual({ problem: "none", left: [] });
  expect(readFileSync(calls, "utf8").trim().split("\n")).toEqual([
    `__unmount -- ${dir}/m/c ${dir}/m/b ${dir}/m/a`,
    `__unmount --force -- ${dir}/m/b`,
    `__unmount -- ${dir}/m/a`,
  ]);
}, 90_000);

test("one that does not even go by force is named, with what it is", async () => {
  const mounts = "mkdir a b && for i in a b; do mount -t tmpfs server:/$i $i; done";
  expect(await takeOff(mounts, standIn, { STUCK: `${dir}/m/b`, HOPELESS: "1" })).toEqual({
    problem: `still mounted: ${dir}/m/b (tmpfs server:/b: its server or device does not answer)`,
    left: ["b"],
  });
}, 90_000);

test("what is off already may take its time to write back: nothing is forced, and nobody is killed", async () => {
  const done = join(dir, "done");
  const mounts = "mkdir a b && for i in a b; do mount -t tmpfs t $i; done";
  const env = { STUCK: `${dir}/m/b`, WRITES_BACK: done, CALLS: join(dir, "calls") };
  expect(await takeOff(mounts, standIn, env)).toEqual({ problem: "none", left: [] });
  expect(readFileSync(env.CALLS, "utf8")).not.toContain("--force");
  for (let i = 0; i < 200 && !existsSync(done); i++) await Bun.sleep(100);
  expect(existsSync(done)).toBe(true);
}, 90_000);

test("a helper that cannot run is said", async () => {
  expect((await takeOff("mkdir a && mount -t tmpfs t a", "/bin/false")).problem).toContain(
    "the helper ended",
  );
}, 90_000);

/** A file system of a program that has stopped: every look below it waits. */
test.if(existsSync("/dev/fuse"))(
  "a real file system whose server says nothing goes, too",
  async () => {
    const mounts = `mkdir dead beside && mount -t tmpfs t beside
    exec 8<>/dev/fuse && mount -i -t fuse -o fd=8,rootmode=40000,user_id=0,group_id=0 server dead`;
    expect(await takeOff(mounts, k0s)).toEqual({ problem: "none", left: [] });
  },
  90_000,
);

test("a place that does not answer is an error in words, after a while", async () => {
  await assertAnswering(["/", join(dir, "none")]);
  const look = (): Promise<unknown> => Promise.withResolvers().promise;
  const refused = await assertAnswering([dir], { look, patienceMs: 20 }).catch((err: unknown) => err);
  expect(refused).toMatchObject({
    code: "no-answer",
    message: expect.stringContaining("is mounted at"),
    hint: expect.stringContaining("umount -f -l"),
  });
});
