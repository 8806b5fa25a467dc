import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInstallationRecord } from "../../config/installation-record.ts";
import { nodePaths } from "../../product/paths.ts";
import { parseMountInfo } from "../../os/mounts.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { beginInstallation } from "../installation.ts";
import { executeStep } from "./execute.ts";
import { hostToolset } from "./host-tools.ts";
import { observeOwn } from "./observe-own.ts";
import { observeOperatorFiles } from "./observe-yours.ts";

let dir = "";
const self = [process.execPath, join(import.meta.dir, "../../main.ts")];

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-own-")));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function look(mountinfo = "") {
  const paths = nodePaths({
    dataDir: join(dir, "k0s"),
    runDir: join(dir, "run"),
    kubeletRootDir: join(dir, "kubelet"),
  });
  await beginInstallation(paths, silentLogger());
  const record = await readInstallationRecord(paths.dataDir);
  const mounts = parseMountInfo(mountinfo);
  const seen = await observeOwn({
    paths,
    record,
    runDirOwner: { kind: "ours" },
    mounts,
    linked: new Set(),
    lockIsNew: false,
    measure: true,
  });
  return { ...seen, own: seen.own.filter(({ path }) => path.startsWith(dir)) };
}

test("the operator's files that go with k0s' directories are found, k0s' own are not named", async () => {
  const paths = nodePaths({ dataDir: join(dir, "k0s") });
  expect(await observeOperatorFiles(paths)).toEqual({ manifests: [], images: [] });
  for (const name of ["manifests/coredns", "manifests/shop", "manifests/empty", "images"])
    mkdirSync(join(dir, "k0s", name), { recursive: true });
  for (const name of [
    "manifests/coredns/x.yaml",
    "manifests/shop/b.yaml",
    "manifests/beside.yaml",
    "images/i.tar",
  ])
    writeFileSync(join(dir, "k0s", name), "");
  expect(await observeOperatorFiles(paths)).toEqual({
    manifests: ["beside.yaml", "empty", "shop/b.yaml"],
    images: ["i.tar"],
  });
});

test("only what k0s makes is to go, what else is there is named and stays", async () => {
  for (const name of [
    "k0s/bin",
    "k0s/manifests/mine",
    "k0s/lost+found",
    "k0s/.kubelet.conf.12.0123abcd.tmp",
    "kubelet/pods/p",
  ])
    mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, "k0s/notes.txt"), "mine");
  writeFileSync(join(dir, "k0s/.notes.txt.12.0123abcd.tmp"), "mine");
  writeFileSync(join(dir, "kubelet/letters"), "mine");
  const { own, others } = await look();
  expect(own).toMatchObject([
    { path: join(dir, "kubelet"), entries: ["pods"], keepItself: false },
    {
      path: join(dir, "k0s"),
      entries: [".kubelet.conf.12.0123abcd.tmp", "bin", "manifests"],
      proof: "installation.json",
    },
  ]);
  const kept = ["k0s/.notes.txt.12.0123abcd.tmp", "k0s/lost+found", "k0s/notes.txt", "kubelet/letters"];
  expect(others.toSorted()).toEqual(kept.map((name) => join(dir, name)));

  const signal = new AbortController().signal;
  const effects = { tools: hostToolset(join(dir, "none"), signal), self, signal };
  for (const directory of own) await executeStep({ kind: "delete-entries", ...directory }, effects);
  expect(readdirSync(join(dir, "k0s")).toSorted()).toEqual([
    ".notes.txt.12.0123abcd.tmp",
    "lost+found",
    "notes.txt",
  ]);
  expect(readdirSync(join(dir, "kubelet"))).toEqual(["letters"]);
});

test("mounts below what goes are to be unmounted, those below what stays are not; a mount point stays", async () => {
  mkdirSync(join(dir, "k0s/kubelet/pods"), { recursive: true });
  mkdirSync(join(dir, "k0s/mine"));
  const targets = ["k0s", "k0s/kubelet/pods/a", "k0s/mine", "k0s/kubelet/pods/b", "run2"];
  const table = targets.map((target, i) => `${i + 2} 1 0:${i + 2} / ${join(dir, target)} rw - tmpfs t rw`);
  const { own, mounts } = await look(table.join("\n"));
  expect(mounts).toEqual([join(dir, "k0s/kubelet/pods/b"), join(dir, "k0s/kubelet/pods/a")]);
  expect(own.find(({ path }) => path === join(dir, "k0s"))?.keepItself).toBe(true);
});

test("nothing below a path that leads through a link is missed", async () => {
  mkdirSync(join(dir, "disk/k0s/kubelet/pods/a"), { recursive: true });
  symlinkSync(join(dir, "disk/k0s"), join(dir, "k0s"));
  const { mounts } = await look(`2 1 0:2 / ${join(dir, "disk/k0s/kubelet/pods/a")} rw - tmpfs t rw`);
  expect(mounts).toEqual([join(dir, "disk/k0s/kubelet/pods/a")]);
});

test("what is mounted is not looked at for its size: its server may be away", async () => {
  mkdirSync(join(dir, "k0s/kubelet/pods/a/nfs"), { recursive: true });
  writeFileSync(join(dir, "k0s/kubelet/pods/a/nfs/large"), Buffer.alloc(1 << 20));
  mkdirSync(join(dir, "k0s/images"));
  writeFileSync(join(dir, "k0s/images/large"), Buffer.alloc(1 << 20));
  const bytes = async (mountinfo?: string): Promise<number> => {
    const { own } = await look(mountinfo);
    return own.find(({ path }) => path === join(dir, "k0s"))?.bytes ?? 0;
  };
  expect(await bytes()).toBeGreaterThan(2 << 20);
  const targets = ["k0s/kubelet/pods/a/nfs", "k0s/images"];
  const table = targets.map((target, i) => `${i + 2} 1 0:${i + 2} / ${join(dir, target)} rw - nfs s rw`);
  expect(await bytes(table.join("\n"))).toBeLessThan(1 << 20);
});

test("nothing is deleted through a link that has taken the place of a directory since", async () => {
  mkdirSync(join(dir, "k0s/etcd"), { recursive: true });
  const { own } = await look();
  rmSync(join(dir, "k0s"), { recursive: true });
  mkdirSync(join(dir, "precious/etcd"), { recursive: true });
  symlinkSync(join(dir, "precious"), join(dir, "k0s"));
  const signal = new AbortController().signal;
  const effects = { tools: hostToolset(join(dir, "none"), signal), self, signal };
  for (const directory of own.filter(({ path }) => path === join(dir, "k0s")))
    expect(executeStep({ kind: "delete-entries", ...directory }, effects)).rejects.toThrow();
  expect(readdirSync(join(dir, "precious"))).toEqual(["etcd"]);
});

test("an operator's mount is neither unmounted nor a proof that goes last, whatever it is", async () => {
  for (const name of ["bin", "etcd/member/wal", "pki"])
    mkdirSync(join(dir, "k0s", name), { recursive: true });
  const targets = ["k0s/bin", "k0s/etcd/member/wal", "k0s/installation.json"];
  const table = targets.map((target, i) => `${i + 2} 1 0:${i + 2} /x ${join(dir, target)} rw - ext4 s rw`);
  const { own, mounts, stays } = await look(table.join("\n"));
  expect(mounts).toEqual([]);
  expect(stays).toHaveLength(3);
  expect(own).toEqual([
    expect.objectContaining({ path: join(dir, "k0s"), entries: ["pki"], keepItself: true }),
  ]);
  expect(own[0]?.proof).toBeUndefined();
});
