import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOwnPath, isOwnShared, managedConfigs, podLogs } from "./observe-paths.ts";
import { ownHostsFile } from "../../os/hosts-file.ts";
import { ownProtocolsFile } from "../../os/protocols-file.ts";
import { strangersPods } from "./observe-pods.ts";

const flexVolumes = "/usr/libexec/k0s";
const calico = "/var/lib/calico";
const absentBefore = [flexVolumes, calico];

test("of a controller without pods only the path goes that its control plane makes", () => {
  const controller = { ranPods: false, alone: true, absentBefore };
  expect([flexVolumes, calico].filter((path) => isOwnPath(path, controller))).toEqual([flexVolumes]);
  expect([flexVolumes, calico].filter((path) => isOwnPath(path, { ...controller, ranPods: true }))).toEqual([
    flexVolumes,
    calico,
  ]);
});

test("of directories that others use, too, a controller without pods has made only those of its own path", () => {
  const shared = ["/usr/libexec", "/etc/k0s", "/etc/cni"];
  const controller = { ranPods: false, alone: true, absentBefore: ["/usr/libexec", "/etc/k0s"] };
  const goesWith = (host: typeof controller): string[] => shared.filter((path) => isOwnShared(path, host));
  expect(goesWith(controller)).toEqual(["/usr/libexec"]);
  expect(goesWith({ ...controller, alone: false })).toEqual([]);
  expect(goesWith({ ...controller, ranPods: true })).toEqual(["/usr/libexec", "/etc/k0s"]);
});

test("what was there before, and what may be another installation's, stays", () => {
  expect(isOwnPath(flexVolumes, { ranPods: true, alone: true, absentBefore: [] })).toBe(false);
  expect(isOwnPath(flexVolumes, { ranPods: false, alone: true, absentBefore: [] })).toBe(false);
  expect(isOwnPath(flexVolumes, { ranPods: false, alone: false, absentBefore })).toBe(false);
});

test("logs of pods go, but for those of another kubelet", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-pod-logs-"));
  try {
    const places = { pods: join(dir, "pods"), containers: join(dir, "containers") };
    const [own, running, kept] = ["a", "b", "c"].map(
      (digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`,
    );
    const names = [own, running, kept].map((uid) => `kube-system_coredns-1_${uid}`);
    await mkdir(places.containers);
    for (const [at, name] of names.entries()) {
      await mkdir(join(places.pods, name, "c"), { recursive: true });
      await symlink(join(places.pods, name, "c/0.log"), join(places.containers, `${at}.log`));
    }
    // A link at the usual place shows our own pods, too.
    for (const uid of [own, kept]) await mkdir(join(dir, "kubelet", uid ?? ""), { recursive: true });
    const strangers = await strangersPods(
      { uids: new Set([own ?? ""]) },
      [running ?? ""],
      join(dir, "kubelet"),
    );
    expect(await podLogs(strangers, places)).toEqual([
      join(places.pods, names[0] ?? ""),
      join(places.containers, "0.log"),
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("files that k0s has written into /etc stay for another installation, and one that somebody has changed for him", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-etc-"));
  try {
    const files = {
      containerd: join(dir, "containerd.toml"),
      hosts: join(dir, "hosts"),
      protocols: join(dir, "protocols"),
    };
    await writeFile(files.hosts, `${ownHostsFile}192.0.2.1 registry\n`);
    await writeFile(files.protocols, ownProtocolsFile);
    expect(await managedConfigs({ alone: true }, files)).toEqual([files.protocols]);
    expect(await managedConfigs({ alone: false }, files)).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
