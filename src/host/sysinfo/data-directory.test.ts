import { expect, test } from "bun:test";
import { everyRole, mount, outcome, remedy, space } from "./testdata/made-host.ts";

const dir = "/var/lib/k0s";
const on = (type: string, options: readonly string[] = []) => ({
  mounts: async () => [mount("/", "ext4"), mount("/var", type, { options })],
});

test("file systems on which images cannot be unpacked", async () => {
  for (const type of ["overlay", "nfs4", "fuse.sshfs"])
    expect(await outcome(`filesystem:${dir}`, on(type))).toBe(
      `warning ${type} images cannot be unpacked there`,
    );
  expect(await outcome(`filesystem:${dir}`, on("xfs"))).toBe("pass xfs");
  expect(await outcome(`filesystem:${dir}`, on("nfs4"), { ...everyRole, worker: false })).toBe("pass nfs4");
});

test("inodes", async () => {
  const few = { space: async (path: string) => ({ ...space(path), freeInodes: 49_000 }) };
  expect(await outcome(`inodes:${dir}`)).toBe("pass 50%");
  expect(await outcome(`inodes:${dir}`, { ...few, ...on("ext4") })).toBe("warning 4% 5% recommended");
  expect(await remedy(`inodes:${dir}`, { ...few, ...on("ext4") })).toContain("du --inodes -x /var |");
  const unlimited = { space: async (path: string) => ({ ...space(path), inodes: 0, freeInodes: 0 }) };
  expect(await outcome(`inodes:${dir}`, unlimited)).toBe("pass not limited");
});

test("mount options, which a start refuses in its own words", async () => {
  expect(await outcome(`mount:${dir}`, on("ext4", ["rw", "noexec"]))).toBe("rejected /var mounted noexec");
  expect(await outcome(`mount:${dir}`, on("ext4", ["ro"]))).toBe("rejected /var mounted read-only");
  expect(await outcome(`mount:${dir}`, on("ext4", ["rw", "nosuid"]))).toBe("pass rw,nosuid");
  expect(await outcome(`mount:${dir}`, on("ext4", ["ro"]), everyRole)).toBeUndefined();
});

test("memory that others use, unless they are k0s", async () => {
  const files = { "/proc/meminfo": "MemTotal: 4194304 kB\nMemAvailable:     204800 kB\n" };
  expect(await outcome("memory:available")).toBe("pass 2.0 GiB");
  expect(await outcome("memory:available", { files })).toBe("warning 200 MiB 700 MiB recommended");
  expect(await outcome("memory:available", { files, isRunning: async () => true })).toBe("pass 200 MiB");
});
