import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { effectiveCapabilities, parseCapabilities } from "./capabilities.ts";
import { describeCgroups, detectCgroups } from "./cgroups.ts";
import { assertWritable, freeBytes } from "./disk-space.ts";
import { run } from "./exec.ts";
import { hasModule, loadModule, readSysctl, writeSysctl } from "./kernel.ts";
import { parseMountInfo } from "./mounts.ts";

test("capabilities are read by bit", async () => {
  expect([...parseCapabilities("CapEff:\t0000000001000400\n")]).toEqual(["net_bind_service", "sys_resource"]);
  expect((await effectiveCapabilities()).has("chown")).toBe(process.geteuid?.() === 0);
});

const v1 = `30 1 0:25 / /sys/fs/cgroup rw - tmpfs tmpfs rw
31 30 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
32 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 30 0:28 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd`;

test("version 1 with version 2 beside it is version 1", () => {
  const own = "5:cpu,cpuacct:/a\n4:memory:/box/b\n2:name=systemd:/s\n0::/u\n";
  const cgroups = describeCgroups(parseMountInfo(v1), own, undefined);
  expect(cgroups?.version).toBe(1);
  expect([...(cgroups?.controllers ?? [])]).toEqual(["cpu", "cpuacct", "memory"]);
  expect(cgroups?.hierarchies.map(({ mountPoint, ownPath }) => `${mountPoint} ${ownPath}`)).toEqual([
    "/sys/fs/cgroup/unified /u",
    "/sys/fs/cgroup/cpu,cpuacct /a",
    "/sys/fs/cgroup/memory /b",
    "/sys/fs/cgroup/systemd /s",
  ]);
});

test("version 2 alone is version 2", () => {
  const mounts = parseMountInfo("30 1 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
  const cgroups = describeCgroups(mounts, "0::/system.slice/x.service\n", "cpuset cpu io memory\n");
  expect(cgroups?.version).toBe(2);
  expect(cgroups?.controllers.has("memory")).toBe(true);
  expect(cgroups?.hierarchies[0]?.ownPath).toBe("/system.slice/x.service");
  expect(describeCgroups([], "", undefined)).toBeUndefined();
});

test("this host's control groups can be described", async () => {
  const cgroups = await detectCgroups();
  if (cgroups !== undefined) expect(cgroups.hierarchies.length).toBeGreaterThan(0);
});

test("kernel parameters are read, kept when right, and refused when there are none", async () => {
  const value = await readSysctl("kernel.ostype");
  expect(value).toBe("Linux");
  await writeSysctl("kernel.ostype", "Linux"); // read-only, but nothing to change
  expect(writeSysctl("kernel.no_such_parameter", "1")).rejects.toThrow("no parameter");
  expect(writeSysctl("..passwd", "1")).rejects.toThrow("is no kernel parameter");
  expect(await readSysctl("net.ipv4.conf.lo.forwarding")).toMatch(/^[01]$/);
});

test("a module that cannot be had is an error", async () => {
  expect(await hasModule("no_such_module")).toBe(false);
  expect(loadModule("no_such_module")).rejects.toThrow("no_such_module");
});

test("space and the right to write are checked without leaving anything", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-space-"));
  try {
    await assertWritable(join(dir, "not", "yet"), 1);
    expect(readdirSync(dir)).toEqual([]);
    expect(await freeBytes(join(dir, "not", "yet"))).toBeGreaterThan(0);
    expect(assertWritable(dir, 2 ** 60)).rejects.toThrow(
      /Not enough space .* are free, so 1024 PiB are missing/,
    );
    writeFileSync(join(dir, "file"), "");
    expect(assertWritable(join(dir, "file", "below"))).rejects.toThrow("is not a directory");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("read-only and full file systems are told apart", async () => {
  const program = `
    const { assertWritable } = await import(${JSON.stringify(join(import.meta.dir, "disk-space.ts"))});
    for (const dir of ["/mnt/ro/data", "/mnt/full/data"]) await assertWritable(dir).catch((e) => console.log(e.code, e.message));`;
  const script = `
    mount -t tmpfs t /mnt && mkdir /mnt/ro /mnt/full && mount -t tmpfs -o ro t /mnt/ro &&
    mount -t tmpfs -o size=16k t /mnt/full && { dd if=/dev/zero of=/mnt/full/fill bs=4k 2>/dev/null; true; } &&
    ${process.execPath} -e '${program}'`;
  const { stdout } = await run("unshare", ["--mount", "--propagation", "private", "sh", "-c", script]);
  expect(stdout.split("\n")).toEqual([
    "read-only-file-system Cannot write to /mnt/ro/data: the file system is read-only.",
    "disk-full Not enough space for /mnt/full/data: no space is left on the device.",
    "",
  ]);
});
