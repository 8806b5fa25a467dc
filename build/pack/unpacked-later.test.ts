import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pollUntil } from "../../src/std/wait.ts";
import { hostPlatform } from "../platform.ts";
import { assemble } from "./assemble.ts";
import { buildLauncher } from "./build-launcher.ts";

test("what unpacks for later leaves the processor to others", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-later-"));
  const platform = hostPlatform();
  const nothing = {
    target: platform.id,
    version: "v1",
    parts: [],
    images: [],
    blobs: new Map<string, string>(),
  };
  const file = join(dir, "k0s");
  await assemble({ ...nothing, launcher: await buildLauncher(platform) }, file);
  const env = { ...process.env, K0S_LAUNCHER: "unpack", K0S_LAUNCHER_NICE: "15" };
  // It waits for its orders.
  const waiting = Bun.spawn([file], { env, stdin: "pipe", stdout: "pipe", stderr: "pipe", detached: true });
  try {
    const niceness = async (): Promise<number> => {
      const stats = await readFile(`/proc/${waiting.pid}/stat`, "utf8");
      return Number(stats.split(") ")[1]?.split(" ")[16]);
    };
    const wait = { what: "its niceness", intervalMs: 5, timeoutMs: 10_000 };
    await pollUntil(async () => (await niceness()) === 15, wait);
    await waiting.stdin.write("[]");
    await waiting.stdin.end();
    expect([await waiting.exited, await new Response(waiting.stderr).text()]).toEqual([0, ""]);
  } finally {
    waiting.kill();
    await rm(dir, { recursive: true });
  }
});
