import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../os/exec.ts";
import { parseMountInfo } from "../../os/mounts.ts";
import { isOfKubelet, mountsOfOperator, ownNamesOn, whyNotEmptied } from "./operator-mounts.ts";

const place = { path: "/k", kind: "data" } as const;
const rootFs = "1 0 254:0 / / rw - ext4 /dev/vda rw";

/** What is said about the first of the mounts at or below `/k/<entry>`. */
function verdict(entry: string, ...lines: readonly string[]): string | undefined {
  const mounts = parseMountInfo([rootFs, ...lines].join("\n"));
  const [mount] = mountsOfOperator(mounts, place, [entry]).toReversed();
  if (mount === undefined) return "no operator's";
  return whyNotEmptied(mounts, mount, place) ?? "is emptied";
}

test.each([
  ["etcd", "2 1 8:1 / /k/etcd rw - ext4 /dev/sdb1 rw", "is emptied"],
  ["images", "2 1 8:1 / /k/images rw - xfs /dev/sdb1 rw", "is emptied"],
  ["etcd", "2 1 8:1 / /k/etcd/member/wal rw - xfs /dev/sdb1 rw", "is emptied"],
  ["kubelet", "2 1 8:1 / /k/kubelet/pods rw - ext4 /dev/sdb1 rw", "is emptied"],
  ["containerd", "2 1 0:9 / /k/containerd/io.containerd.snapshotter.v1.zfs rw - zfs p/k0s rw", "is emptied"],
  [
    "etcd",
    "2 1 0:30 /@etcd /k/etcd rw - btrfs /dev/sdb1 rw,subvolid=257,subvol=/@etcd\n3 1 0:30 /@home /home rw - btrfs /dev/sdb1 rw,subvolid=258,subvol=/@home",
    "is emptied",
  ],
  ["kubelet", "2 1 254:0 /k/kubelet /k/kubelet rw - ext4 /dev/vda rw", "no operator's"],
  [
    "kubelet",
    "2 1 8:1 /a /k rw - xfs /dev/sdb rw\n3 2 8:1 /a/kubelet /k/kubelet rw - xfs /dev/sdb rw",
    "no operator's",
  ],
  ["kubelet", "2 1 0:9 / /k/kubelet/pods/u/volumes/x rw - nfs4 server:/x rw", "no operator's"],
  ["kubelet", "2 1 8:1 / /k/kubelet/plugins/driver/x rw - ext4 /dev/sdb1 rw", "no operator's"],
  ["containerd", "2 1 0:9 / /k/containerd/tmpmounts/a rw - overlay overlay rw", "no operator's"],
])("below %s, %s: %s", (entry, line, expected) => {
  expect(verdict(entry, line)).toBe(expected);
});

test.each([
  ["kubelet", "2 1 254:0 /srv/kubelet /k/kubelet rw - ext4 /dev/vda rw"],
  ["kubelet", "2 1 8:1 /k/kubelet /k/kubelet rw - ext4 /dev/sdb rw"],
  ["images", "2 1 254:0 /k/images /k/images rw - ext4 /dev/vda rw"],
])("what is bound to %s by an operator: %s", (entry, line) => {
  expect(verdict(entry, line)).toContain("of a larger file system");
});

test("what kubelet has bound to itself elsewhere", () => {
  const bound = (line: string): boolean => {
    const mounts = parseMountInfo([rootFs, line].join("\n"));
    return isOfKubelet(mounts, { path: "/r", kind: "kubelet" }, mounts.at(-1)!);
  };
  expect(bound("2 1 254:0 /r /r rw - ext4 /dev/vda rw")).toBe(true);
  expect(bound("2 1 254:0 /srv/r /r rw - ext4 /dev/vda rw")).toBe(false);
  expect(bound("2 1 8:1 / /r rw - ext4 /dev/sdb rw")).toBe(false);
});

test.each([
  ["2 1 254:0 /srv/models /k/images rw - ext4 /dev/vda rw", "it is the directory /srv/models of a larger"],
  [
    "2 1 8:1 / /k/images rw - ext4 /dev/sdb1 rw\n3 1 8:1 / /srv/models rw - ext4 /dev/sdb1 rw",
    "it is also mounted at /srv/models",
  ],
  [
    "2 1 8:1 / /k/images rw - ext4 /dev/sdb1 rw\n3 1 8:1 /a /srv/models rw - ext4 /dev/sdb1 rw",
    "it is also mounted at /srv/models",
  ],
  [
    "2 1 0:30 /@a/b /k/images rw - btrfs /dev/sdb1 rw,subvol=/@a",
    "it is the directory /@a/b of a larger file system",
  ],
  ["2 1 0:9 / /k/images rw - nfs4 server:/images rw", "nfs4 can be shared with others"],
  ["2 1 8:1 / /k/images rw - vfat /dev/sdb1 rw", "vfat can be shared with others"],
  ["2 1 8:1 / /k/images ro - ext4 /dev/sdb1 rw", "it is mounted read-only"],
  ["2 1 8:1 / /k/images rw - ext4 /dev/sdb1 ro", "it is mounted read-only"],
  ["2 1 8:1 / /k/images/models rw - ext4 /dev/sdb1 rw", "k0s has no directory of that name there"],
  [
    "2 1 8:1 / /k/images rw - ext4 /dev/sdb1 rw\n3 2 8:2 / /k/images rw - ext4 /dev/sdc1 rw",
    "several things are mounted on each other there",
  ],
  [
    "2 1 8:1 / /k/images rw - ext4 /dev/sdb1 rw\n3 1 8:2 / /k rw - ext4 /dev/sdc1 rw",
    "another mount hides it",
  ],
])("%s is not k0s' alone: %s", (lines, expected) => {
  expect(verdict("images", ...lines.split("\n"))).toStartWith(expected);
});

// Files of k0s' are called so.
test.each(["state.db-backup", "state.db"])("what is mounted at db/%s is no disk of k0s'", (name) => {
  const why = verdict("db", `2 1 8:1 / /k/db/${name} rw - ext4 /dev/sdb1 rw`);
  expect(why).toBe("k0s has no directory of that name there");
  expect(verdict("db", "2 1 8:1 / /k/db rw - ext4 /dev/sdb1 rw")).toBe("is emptied");
  expect(ownNamesOn(place, "/k/db", ["state.db", "state.db-wal", "mine"])).toEqual([
    "state.db",
    "state.db-wal",
  ]);
});

test("of a disk only what k0s' programs make in such a place is theirs", () => {
  expect(ownNamesOn(place, "/k/etcd", ["lost+found", "member", "backup"])).toEqual(["member"]);
  expect(ownNamesOn({ path: "/r", kind: "kubelet" }, "/r/pods", ["lost+found", "u"])).toEqual(["u"]);
  expect(ownNamesOn(place, "/k/images", ["bundle.tar", "lost+found"])).toEqual(["bundle.tar"]);
});

test("real mounts: disks are emptied and stay mounted, what else is bound stays as it is, and all of it is said", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-operator-"));
  const script = `
    cd ${dir} && mkdir -p k0s/etcd k0s/images k0s/manifests/mine k0s/kubelet/pods/u/volumes/v models disk volume
    echo mine >models/llm; echo mine >volume/data
    mount -t tmpfs disk k0s/etcd && mkdir -p k0s/etcd/member/snap k0s/etcd/member/wal k0s/etcd/backup k0s/etcd/lost+found
    mount -t tmpfs wal k0s/etcd/member/wal && echo log >k0s/etcd/member/wal/0.wal
    echo db >k0s/etcd/member/snap/db; echo mine >k0s/etcd/backup/old
    mount --bind models k0s/images
    mount -t tmpfs stack k0s/manifests/mine && echo mine >k0s/manifests/mine/a.yaml; echo a >k0s/manifests/b.yaml
    mount --bind k0s/kubelet k0s/kubelet
    mount --bind volume k0s/kubelet/pods/u/volumes/v
    exec ${process.execPath} ${join(import.meta.dir, "testdata", "reset-own.ts")} ${dir}`;
  try {
    const result = await run("unshare", ["--mount", "--propagation", "private", "sh", "-ec", script]);
    expect(result.stderr).toBe("");
    const { others, stays, own, left, mounted } = JSON.parse(result.stdout);
    expect(stays.toSorted()).toEqual([
      `${dir}/k0s/images with its content (${mounted.images}; it is the directory ${mounted.root} of a larger file system)`,
      `${dir}/k0s/manifests/mine with its content (tmpfs stack is mounted there; k0s has no directory of that name there)`,
    ]);
    expect(others.toSorted()).toEqual([
      `${dir}/k0s/etcd/backup`,
      `the mount of disk at ${dir}/k0s/etcd`,
      `the mount of wal at ${dir}/k0s/etcd/member/wal`,
    ]);
    expect(own.map(({ path, entries, keepItself }: never) => ({ path, entries, keepItself }))).toEqual([
      { path: `${dir}/k0s/etcd/member/wal`, entries: ["0.wal"], keepItself: true },
      { path: `${dir}/k0s/etcd/member`, entries: ["snap"], keepItself: true },
      { path: `${dir}/k0s/manifests`, entries: ["b.yaml"], keepItself: true },
      { path: `${dir}/k0s`, entries: ["kubelet"], keepItself: true },
    ]);
    expect(left.toSorted()).toEqual(["etcd/backup/old", "images/llm", "manifests/mine/a.yaml"]);
    expect(mounted.targets).toEqual(["etcd", "etcd/member/wal", "images", "manifests/mine"]);
    expect(await Bun.file(join(dir, "volume/data")).text()).toBe("mine\n");
    expect(await Bun.file(join(dir, "models/llm")).text()).toBe("mine\n");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 60_000);
