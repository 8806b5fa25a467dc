import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaseHolder, type LeaseHost } from "./lease-holder.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-holder-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A machine of this name, with these ids. */
async function machine(ids: { boot?: string; machine?: string }): Promise<LeaseHost> {
  const host = await mkdtemp(join(dir, "host-"));
  if (ids.boot !== undefined) await writeFile(join(host, "boot_id"), `${ids.boot}\n`);
  if (ids.machine !== undefined) await writeFile(join(host, "machine-id"), `${ids.machine}\n`);
  return { bootIdFile: join(host, "boot_id"), machineIdFile: join(host, "machine-id") };
}

async function dataDir(name: string): Promise<string> {
  await mkdir(join(dir, name), { recursive: true });
  return join(dir, name);
}

const on = async (host: LeaseHost, data: string, nodeName = "c1") =>
  (await leaseHolder("run", { nodeName, dataDir: await dataDir(data) }, host)).place;

test("two runs on one machine have the same place", async () => {
  const host = await machine({ boot: "b1", machine: "m1" });
  expect(await on(host, "data")).toEqual(await on(host, "data"));
});

test("another data directory on the same kernel is another run: containers share both ids", async () => {
  const host = await machine({ boot: "b1", machine: "m1" });
  expect((await on(host, "one"))?.run).not.toBe((await on(host, "two"))?.run);
});

test("a reboot and a clone are another run on the same machine, by its name", async () => {
  const first = await on(await machine({ boot: "b1", machine: "m1" }), "data");
  const second = await on(await machine({ boot: "b2", machine: "m1" }), "data");
  expect(second?.run).not.toBe(first?.run);
  expect(second?.machine).toBe(first?.machine ?? "none");
  expect((await on(await machine({ boot: "b2", machine: "m1" }), "data", "c2"))?.machine).not.toBe(
    first?.machine,
  );
});

test("nothing is claimed that is not known, and no id is published", async () => {
  expect(await on(await machine({ machine: "m1" }), "data")).toBeUndefined();
  const place = await on(await machine({ boot: "b1" }), "data");
  expect(place?.machine).toBe("");
  expect(JSON.stringify(place)).not.toContain("b1\n");
  expect(place?.run).toMatch(/^[0-9a-f]{32}$/);
});
