import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tryLock } from "../../os/flock.ts";
import { nodePaths } from "../../product/paths.ts";
import { isNode, thisHost } from "./this-host.ts";

test("a port that k0s itself holds is its own, whatever its process is called", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-holders-"));
  const server = createServer().listen(0, "127.0.0.1");
  try {
    await new Promise((listening) => server.once("listening", listening));
    // An address is a text for a socket of the file system alone.
    const { port } = server.address() as AddressInfo;
    const paths = { ...nodePaths({ dataDir: dir }), runtimeConfigLock: join(dir, "run", "lock") };
    const own = async () => (await thisHost(paths).holders([{ port, process: "k0s" }])).map((one) => one.own);
    expect(await own()).toEqual([false]);
    await mkdir(dirname(paths.runtimeConfigLock), { recursive: true });
    const lock = tryLock(paths.runtimeConfigLock);
    expect(await own()).toEqual([true]);
    lock?.release();
    expect(await own()).toEqual([false]);
  } finally {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

test("what is seen of a node without root's rights: the words that it was started with", () => {
  expect(isNode(["/usr/local/bin/k0s", "controller", "--single"])).toBe(true);
  expect(isNode(["./k0s-v1.37", "--debug", "worker"])).toBe(true);
  expect(isNode(["k0s", "sysinfo", "--controller"])).toBe(false);
  expect(isNode(["k0s", "install", "controller"])).toBe(false);
  expect(isNode(["nginx", "worker"])).toBe(false);
  expect(isNode([])).toBe(false);
});
