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
import { type ContainerState, names } from "./observe-pods.ts";

const cniNetDir = "/etc/cni/net.d";
const cniBinDir = "/opt/cni/bin";

/** Things that only a node of a cluster has, outside of k0s' own directories. */
export async function clusterPaths({ ids, netns }: ContainerState): Promise<string[]> {
  const fixed = [
    ...["10-calico.conflist", "calico-kubeconfig", "10-kuberouter.conflist"].map((name) =>
      join(cniNetDir, name),
    ),
    "/run/calico",
    "/var/lib/calico",
    "/var/log/calico",
    "/run/kube-router",
    "/run/nodeagent",
    "/usr/libexec/k0s",
    "/var/lib/kubelet/device-plugins",
    ...ids.map((id) => join("/run/containerd/runc/k8s.io", id)),
  ];
  const found = await Promise.all([podLogs(), cniBinaries(), cniCaches(netns), managedConfigs()]);
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
  "/run/nri",
  // Made by the mount program that kubelet calls.
  "/run/mount",
  "/usr/libexec",
  "/etc/k0s/containerd.d",
  "/etc/k0s",
  "/var/lib/k0s",
];

/** Those that exist, with their sizes if somebody wants to see them. */
export async function existing(options: {
  readonly outside: readonly string[];
  readonly own: readonly string[];
  readonly mounts: readonly Mount[];
  readonly measure: boolean;
}): Promise<ObservedPath[]> {
  const { outside, own, mounts } = options;
  const found = await Promise.all(
    [...new Set([...outside, ...own])].map(async (path) => {
      const bytes = await sizeOf(path, options);
      if (bytes === undefined) return [];
      return [{ path, bytes, mountPoint: isMountPoint(mounts, path), own: own.includes(path) }];
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

/** What the payload's records name with the links to it, and what Calico's installer adds. */
async function cniBinaries(): Promise<string[]> {
  const records = [...(await readRecords(cniBinDir)).values()];
  const programs = new Set(records.flatMap(({ files }) => files.map(({ path }) => path)));
  const links = await Promise.all(
    (await names(cniBinDir)).map(async (name) => {
      const target = await linkTarget(join(cniBinDir, name));
      return target !== undefined && programs.has(target) ? [name] : [];
    }),
  );
  // The record last: a reset that was interrupted needs it to know the rest.
  const staged = records.flatMap((record) => [
    ...record.files.map(({ path }) => path),
    `.part-${record.part}.json`,
  ]);
  return ["calico", "calico-ipam", ...links.flat(), ...staged].map((name) => join(cniBinDir, name));
}

/** The CNI library's notes about our networks; those about loopback links are ours if their pod's namespace is gone. */
async function cniCaches(netns: readonly string[]): Promise<string[]> {
  // `mynet` is kube-router's (reference §8.7).
  const ours = /^(k8s-pod-network|kubernetes|kuberouter|mynet|cbr0)(-|$)/;
  const dirs = ["/var/lib/cni/results", "/var/lib/cni/networks", "/var/lib/cni/cache/results"];
  const found = await Promise.all(
    dirs.map(async (dir) => {
      const all = await names(dir);
      const loopback = await Promise.all(
        all
          .filter((name) => name.startsWith("cni-loopback-"))
          .map(async (name) => ((await isStaleNote(join(dir, name), netns)) ? [name] : [])),
      );
      return [...all.filter((name) => ours.test(name)), ...loopback.flat()].map((name) => join(dir, name));
    }),
  );
  return found.flat();
}

async function isStaleNote(path: string, netns: readonly string[]): Promise<boolean> {
  const named = /"netns":"([^"]+)"/.exec((await readFileIfExists(path)) ?? "")?.[1];
  return named !== undefined && (netns.includes(named) || (await statIfExists(named)) === undefined);
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
