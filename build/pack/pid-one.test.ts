// A packed file as the first process of a pid namespace, as in a container. Its runtime is a shell script.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostPlatform } from "../platform.ts";
import { assemble } from "./assemble.ts";
import { buildLauncher } from "./build-launcher.ts";
import { compressTree } from "./frames.ts";

const signal = AbortSignal.timeout(120_000);
const asRoot = process.getuid?.() === 0;
let dir = "";
let file = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-pid-one-"));
  await chmod(dir, 0o755);
  const script = join(dir, "script");
  await writeFile(script, '#!/bin/sh\neval "$1"\n');
  const tree = {
    name: "runtime",
    kind: "runtime",
    version: "1",
    files: [{ path: "runtime", source: script, mode: 0o755 }],
    links: [],
  } as const;
  const part = await compressTree(tree, { store: join(dir, "frames"), level: 1, signal });
  const launcher = await buildLauncher(hostPlatform(), { signal });
  file = join(dir, "k0s");
  const content = { launcher, target: hostPlatform().id, version: "1", parts: [part], images: [] };
  await assemble({ ...content, blobs: new Map() }, file);
}, 120_000);

afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs the script in a pid namespace of its own, whose first process is the file. */
async function asFirst(script: string): Promise<{ code: number; out: string }> {
  const command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", file, script];
  const child = Bun.spawn(command, {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", K0S_RUNTIME_ROOT: join(dir, "rt") },
    stdin: "ignore",
    stdout: "pipe",
  });
  const out = await new Response(child.stdout).text();
  return { code: await child.exited, out: out.trim() };
}

/** Unlike a shell, our runtime waits only for those that it has started itself. */
const orphans = `
import { readdirSync, readFileSync } from "node:fs";
for (let count = 0; count < 3; count++) Bun.spawnSync(["/bin/sh", "-c", "sleep 0.1 >/dev/null &"]);
await Bun.sleep(600);
const pids = readdirSync("/proc").filter((name) => Number(name) > 0);
const states = pids.map((pid) => readFileSync("/proc/" + pid + "/stat", "latin1").split(") ").at(-1)[0]);
console.log(states.filter((state) => state === "Z").length);
process.exit(7);
`;

test.skipIf(!asRoot)("orphans are waited for, and the exit code is that of the program", async () => {
  const script = join(dir, "orphans.ts");
  await writeFile(script, orphans);
  expect(await asFirst(`exec ${process.execPath} ${script}`)).toEqual({ code: 7, out: "0" });
});

test.skipIf(!asRoot)(
  "signals reach the program, and its end by one is told as a shell tells it",
  async () => {
    // The sender lives on: a child that ends would end the shell's wait before the signal has come through.
    const wait = "(sleep 0.2; kill -TERM 1; sleep 60) & wait; wait";
    expect(await asFirst(`trap 'echo got; exit 5' TERM; ${wait}`)).toEqual({ code: 5, out: "got" });
    expect((await asFirst('kill -KILL "$$"')).code).toBe(137);
  },
);

test.skipIf(!asRoot)("elsewhere the launcher becomes the program", async () => {
  const child = Bun.spawn([file, 'echo "$$"'], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", K0S_RUNTIME_ROOT: join(dir, "rt") },
    stdout: "pipe",
  });
  expect(Number(await new Response(child.stdout).text())).toBe(child.pid);
});
