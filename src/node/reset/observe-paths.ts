// Files and directories of ours, wherever they lie. Reference §4.1–4.3, §14.3.

import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { NodePaths } from "../../config/paths.ts";
import { isManagedConfig } from "../../containerd/config-toml.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { hostsFile, ownHostsFile } from "../../os/hosts-file.ts";
import { isMountPoint, type Mount } from "../../os/mounts.ts";
import { readRecords } from "../../payload/staged-record.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import type { ObservedPath } from "./observation.ts";
import { names } from "./observe-pods.ts";

const cniNetDir = "/etc/cni/net.d";
const cniBinDir = "/opt/cni/bin";

/** Things that only a node of a cluster has, outside of k0s' own directories. */
export async function clusterPaths(containerIds: readonly string[]): Promise<string[]> {
  const fixed = [
    ...["10-calico.conflist", "calico-kubeconfig", "10-kuberouter.conflist"].map((name) =>
      join(cniNetDir, name),
    ),
    "/run/calico",
    "/var/lib/calico",
    "/var/log/calico",
    "/run/kube-router",
    "/var/lib/kubelet/device-plugins",
    ...containerIds.map((id) => join("/run/containerd/runc/k8s.io", id)),
  ];
  const found = await Promise.all([podLogs(), cniBinaries(), cniCaches(), managedConfigs()]);
  return [...fixed, ...found.flat()];
}

/** k0s' own directories: the last to go. */
export function ownDirectories(paths: NodePaths): string[] {
  // The launcher unpacks the runtime there when the file system of /var/lib allows nothing.
  const launcher = ["/var/lib/k0s/runtime", "/var/cache/k0s", "/run/k0s-runtime", "/tmp/.k0s-runtime-0"];
  const dirs = [...launcher, paths.kubeletRootDir, paths.dataDir, paths.runDir];
  return [
    ...new Set(dirs.filter((dir) => !dirs.some((other) => dir !== other && dir.startsWith(`${other}/`)))),
  ];
}

/** Directories that our programs make and others use too. */
export const sharedDirectories: readonly string[] = [
  cniNetDir,
  "/etc/cni",
  cniBinDir,
  "/opt/cni",
  "/var/lib/cni/results",
  "/var/lib/cni/networks",
  "/var/lib/cni/cache/results",
  "/var/lib/cni/cache",
  "/var/lib/cni",
  "/var/log/containers",
  "/var/log/pods",
  "/var/lib/kubelet",
  "/run/netns",
  "/run/containerd/runc/k8s.io",
  "/run/containerd/runc",
  "/run/containerd/s",
  "/run/containerd",
  "/etc/k0s/containerd.d",
  "/etc/k0s",
  "/var/lib/k0s",
];

/** Those that exist, with their sizes if somebody wants to see them. */
export async function existing(
  paths: readonly string[],
  mounts: readonly Mount[],
  { measure }: { measure: boolean },
): Promise<ObservedPath[]> {
  const found = await Promise.all(
    [...new Set(paths)].map(async (path) => {
      const bytes = await sizeOf(path, { measure });
      return bytes === undefined ? [] : [{ path, bytes, mountPoint: isMountPoint(mounts, path) }];
    }),
  );
  return found.flat();
}

async function podLogs(): Promise<string[]> {
  const pods = (await names("/var/log/pods")).filter((name) =>
    /^[a-z0-9.-]+_[a-z0-9.-]+_[0-9a-f-]{32,36}$/.test(name),
  );
  const links = await Promise.all(
    (await names("/var/log/containers")).map(async (name) => {
      const path = join("/var/log/containers", name);
      return (await linkTarget(path))?.startsWith("/var/log/pods/") === true ? [path] : [];
    }),
  );
  return [...pods.map((name) => join("/var/log/pods", name)), ...links.flat()];
}

/** What the payload's records name, and what Calico's installer adds. */
async function cniBinaries(): Promise<string[]> {
  const records = [...(await readRecords(cniBinDir)).values()];
  const staged = records.flatMap((record) => [
    `.part-${record.part}.json`,
    ...record.files.map(({ path }) => path),
  ]);
  return [...staged, "calico", "calico-ipam"].map((name) => join(cniBinDir, name));
}

/** The CNI library's notes about our networks. */
async function cniCaches(): Promise<string[]> {
  const ours = /^(k8s-pod-network|kubernetes|kuberouter|cbr0)(-|$)/;
  const dirs = ["/var/lib/cni/results", "/var/lib/cni/networks", "/var/lib/cni/cache/results"];
  const found = await Promise.all(
    dirs.map(async (dir) =>
      (await names(dir)).filter((name) => ours.test(name)).map((name) => join(dir, name)),
    ),
  );
  return found.flat();
}

async function managedConfigs(): Promise<string[]> {
  const path = "/etc/k0s/containerd.toml";
  const [text, hosts] = await Promise.all([readFileIfExists(path), readFileIfExists(hostsFile)]);
  return [
    ...(text !== undefined && isManagedConfig(text) ? [path] : []),
    ...(hosts === ownHostsFile ? [hostsFile] : []),
  ];
}

/** Blocks on disk, without crossing into other file systems; undefined if there is nothing. */
async function sizeOf(path: string, { measure }: { measure: boolean }): Promise<number | undefined> {
  const top = await lstat(path).catch(ignoreGone);
  if (top === undefined) return undefined;
  let bytes = top.blocks * 512;
  if (!measure || !top.isDirectory()) return bytes;
  const waiting = [path];
  for (let dir = waiting.pop(); dir !== undefined; dir = waiting.pop()) {
    for (const name of await names(dir)) {
      const entry = await lstat(join(dir, name)).catch(ignoreGone);
      if (entry === undefined || entry.dev !== top.dev) continue;
      bytes += entry.blocks * 512;
      if (entry.isDirectory()) waiting.push(join(dir, name));
    }
  }
  return bytes;
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "EINVAL") return undefined;
    throw err;
  }
}

function ignoreGone(err: unknown): undefined {
  if (isNotFound(err) || errno(err) === "ENOTDIR") return undefined;
  throw err;
}

/** Whether this host was made a node: by what only a k0s that ran leaves. */
export async function wasNode(paths: NodePaths): Promise<boolean> {
  const traces = [paths.pkiDir, paths.kubeletRootDir, paths.containerdRootDir, paths.runtimeConfigLock];
  const found = await Promise.all(traces.map((path) => statIfExists(path)));
  return found.some((info) => info !== undefined);
}
