import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./exec.ts";
import { isMountPoint, listMounts, mountHolding, mountsBelow, parseMountInfo } from "./mounts.ts";

const sample = String.raw`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /var/lib/k0s/kubelet rw - tmpfs tmpfs rw,size=1k
24 23 0:22 /a /var/lib/k0s/kubelet/with\040blank rw,nosuid master:2 propagate_from:3 - cgroup cgroup rw,cpu
25 22 0:23 / /var/lib/k0s2 rw - tmpfs tmpfs rw`;

test("the mount table is parsed with escapes and any number of optional fields", () => {
  const mounts = parseMountInfo(sample);
  expect(mounts.map(({ target }) => target)).toEqual([
    "/",
    "/var/lib/k0s/kubelet",
    "/var/lib/k0s/kubelet/with blank",
    "/var/lib/k0s2",
  ]);
  expect(mounts[2]).toMatchObject({
    root: "/a",
    type: "cgroup",
    superOptions: ["rw", "cpu"],
    options: ["rw", "nosuid"],
  });
});

test("only what lies below is chosen, innermost first", () => {
  const mounts = parseMountInfo(sample);
  const targets = (dir: string, itself = false) =>
    mountsBelow(mounts, dir, { itself }).map(({ target }) => target);
  expect(targets("/var/lib/k0s")).toEqual(["/var/lib/k0s/kubelet/with blank", "/var/lib/k0s/kubelet"]);
  expect(targets("/var/lib/k0s/kubelet")).toEqual(["/var/lib/k0s/kubelet/with blank"]);
  expect(targets("/var/lib/k0s2/", true)).toEqual(["/var/lib/k0s2"]);
  expect(targets("/").length).toBe(3);
});

test("a path lies on the innermost mount, and on the last one of a place", () => {
  const mounts = parseMountInfo(`${sample}\n26 22 0:24 / /var/lib/k0s2 rw,noexec - tmpfs over rw`);
  const on = (path: string) => mountHolding(mounts, path)?.source;
  expect(on("/etc")).toBe("/dev/vda");
  expect(on("/var/lib/k0s/kubelet/pods")).toBe("tmpfs");
  expect(on("/var/lib/k0s2/bin")).toBe("over");
  expect(on("/var/lib/k0s2x")).toBe("/dev/vda");
});

test("this machine's table can be read", async () => {
  expect(isMountPoint(await listMounts(), "/")).toBe(true);
});

test("real mounts are taken down, busy ones lazily, and a mount at the directory stays", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-mounts-"));
  const program = `
    const { listMounts, mountsBelow, unmountBelow } = await import(${JSON.stringify(join(import.meta.dir, "mounts.ts"))});
    await unmountBelow(${JSON.stringify(dir)});
    console.log(mountsBelow(await listMounts(), ${JSON.stringify(dir)}, { itself: true }).map((m) => m.target).join());`;
  const script = `
    mount -t tmpfs t ${dir} && mkdir ${dir}/a ${dir}/b &&
    mount -t tmpfs t ${dir}/a && mkdir ${dir}/a/x && mount -t tmpfs t ${dir}/a/x && mount --bind ${dir}/a ${dir}/b &&
    exec 9>${dir}/a/x/busy && ${process.execPath} -e '${program}'`;
  try {
    const result = await run("unshare", ["--mount", "--propagation", "private", "sh", "-c", script]);
    expect(result).toMatchObject({ code: 0, stdout: `${dir}\n` });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
