// The mounts of a machine as a list of steps, in order, and what executes them. docs/adr/0009-sandboxes.md.

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { errno } from "../std/errors.ts";
import type { Hierarchy } from "./cgroups.ts";
import { type Libc, type MountCall, mountFlags } from "./libc.ts";
import { type MachineSetup, sandboxMark } from "./machine-spec.ts";

export type RootStep =
  | { readonly do: "mount"; readonly call: MountCall }
  | { readonly do: "directory"; readonly path: string }
  /** Binds a file or directory of the host; the target is made to match. */
  | { readonly do: "bind"; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | {
      readonly do: "device";
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    }
  | { readonly do: "link"; readonly path: string; readonly to: string }
  | { readonly do: "file"; readonly path: string; readonly text: string }
  /** Hides what the lower layer has there. */
  | { readonly do: "hide"; readonly path: string };

/** Left by clusters of the host itself; a machine starts without them. */
const hiddenOfHost = [
  "/etc/k0s",
  "/etc/cni",
  "/etc/kubernetes",
  "/opt/cni",
  "/var/log/pods",
  "/var/log/containers",
  "/usr/libexec/k0s",
];

const devices: readonly [string, number, number, number][] = [
  ["null", 0o666, 1, 3],
  ["zero", 0o666, 1, 5],
  ["full", 0o666, 1, 7],
  ["random", 0o666, 1, 8],
  ["urandom", 0o666, 1, 9],
  ["kmsg", 0o644, 1, 11],
  ["tty", 0o666, 5, 0],
  ["fuse", 0o666, 10, 229],
  ["net/tun", 0o666, 10, 200],
];

export interface RootPlanInput {
  readonly setup: MachineSetup;
  readonly hierarchies: readonly Hierarchy[];
  /** Mount points of the host that hold parts of its root, e.g. a `/usr` of its own. */
  readonly hostSubMounts: readonly string[];
}

/** Where the host's root is while the machine's one is being furnished. */
export const hostRoot = "/.host";

/** The one mount that the machine's root is. */
export function overlayMount(setup: MachineSetup): MountCall {
  const lower = setup.root.kind === "host" ? "/" : setup.root.path;
  const disk = (name: string): string => overlayPath(join(setup.diskDir, name));
  const data = `lowerdir=${overlayPath(lower)},upperdir=${disk("upper")},workdir=${disk("work")}`;
  return { source: "overlay", target: join(setup.diskDir, "root"), type: "overlay", data };
}

/**
 * What follows the change of the root. Every path is one of the machine, so that an absolute link in it cannot lead to
 * a file of the host; what comes from the host is named below `hostRoot`.
 */
export function rootPlan({ setup, hierarchies, hostSubMounts }: RootPlanInput): RootStep[] {
  const at = (path: string): string => join("/", path);
  const ofHost = (path: string): string => join(hostRoot, path);
  return [
    ...(setup.root.kind === "host"
      ? [...hostSubMounts.map((path) => bind(ofHost(path), path)), ...hiddenOfHost.map(hide)]
      : []),
    ...["proc", "sys", "dev", "run", "tmp", "var/lib", "root", "lib/modules", "etc"].map((path) =>
      directory(at(path)),
    ),
    mount("proc", at("proc"), {
      type: "proc",
      flags: mountFlags.noSuid | mountFlags.noDev | mountFlags.noExec,
    }),
    mount("sysfs", at("sys"), {
      type: "sysfs",
      flags: mountFlags.noSuid | mountFlags.noDev | mountFlags.noExec,
    }),
    ...devicePlan(at("dev")),
    mount("tmpfs", at("run"), { type: "tmpfs", data: "mode=755" }),
    mount("tmpfs", at("tmp"), { type: "tmpfs", data: "mode=1777" }),
    // An overlay cannot be the upper layer of another one, so containerd needs a real file system.
    mount(ofHost(join(setup.diskDir, "lib")), at("var/lib"), { flags: mountFlags.bind }),
    ...cgroupPlan(at("sys/fs/cgroup"), hierarchies),
    mount("bpf", at("sys/fs/bpf"), { type: "bpf" }),
    file(at("etc/hostname"), `${setup.name}\n`),
    file(
      at("etc/hosts"),
      `127.0.0.1 localhost\n::1 localhost\n${setup.network.address.replace(/\/.*/, "")} ${setup.name}\n`,
    ),
    file(at("etc/resolv.conf"), `nameserver ${setup.network.nameserver}\n`),
    file(at("etc/machine-id"), `${setup.machineId}\n`),
    file(at(sandboxMark), `${setup.sandbox}\n`),
    ...setup.small.flatMap(({ target, size }) => [
      directory(at(target)),
      mount("tmpfs", at(target), { type: "tmpfs", data: `size=${size},mode=755` }),
    ]),
    ...setup.binds.map(({ source, target, readOnly }): RootStep => ({
      do: "bind",
      source: ofHost(source),
      target,
      readOnly,
    })),
    ...setup.readOnly.flatMap((path) => [directory(path), bind(path, path)]),
  ];
}

function devicePlan(dev: string): RootStep[] {
  const at = (path: string): string => join(dev, path);
  return [
    mount("tmpfs", dev, { type: "tmpfs", flags: mountFlags.noSuid, data: "mode=755" }),
    ...["net", "pts", "shm", "mqueue"].map((path) => directory(at(path))),
    ...devices.map(([name, mode, major, minor]): RootStep => ({
      do: "device",
      path: at(name),
      mode,
      major,
      minor,
    })),
    mount("devpts", at("pts"), { type: "devpts", data: "newinstance,ptmxmode=0666,mode=620,gid=5" }),
    mount("tmpfs", at("shm"), {
      type: "tmpfs",
      flags: mountFlags.noSuid | mountFlags.noDev,
      data: "mode=1777",
    }),
    mount("mqueue", at("mqueue"), { type: "mqueue" }),
    link(at("ptmx"), "pts/ptmx"),
    link(at("fd"), "/proc/self/fd"),
    link(at("stdin"), "/proc/self/fd/0"),
    link(at("stdout"), "/proc/self/fd/1"),
    link(at("stderr"), "/proc/self/fd/2"),
  ];
}

function cgroupPlan(top: string, hierarchies: readonly Hierarchy[]): RootStep[] {
  const only = hierarchies.find((one) => one.folder === "");
  if (only !== undefined) return [mount("cgroup2", top, { type: "cgroup2" })];
  return [
    mount("tmpfs", top, { type: "tmpfs", data: "mode=755" }),
    ...hierarchies.flatMap(({ version, options, folder }) => [
      directory(join(top, folder)),
      version === 2
        ? mount("cgroup2", join(top, folder), { type: "cgroup2" })
        : mount("cgroup", join(top, folder), { type: "cgroup", data: options }),
    ]),
  ];
}

export function executeRootPlan(libc: Libc, steps: readonly RootStep[]): void {
  for (const step of steps) executeStep(libc, step);
}

function executeStep(libc: Libc, step: RootStep): void {
  switch (step.do) {
    case "mount":
      return libc.mount(step.call);
    case "directory":
      return void mkdirSync(step.path, { recursive: true });
    case "bind":
      return executeBind(libc, step);
    case "device":
      libc.makeCharDevice(step.path, step.mode, step.major, step.minor);
      return chmodSync(step.path, step.mode);
    case "link":
      return symlinkSync(step.to, step.path);
    case "file":
      // The lower layer may have a link there that leads elsewhere.
      rmSync(step.path, { force: true });
      return writeFileSync(step.path, step.text);
    case "hide":
      return hidePath(libc, step.path);
  }
}

function executeBind(libc: Libc, step: Extract<RootStep, { do: "bind" }>): void {
  if (statSync(step.source).isDirectory()) mkdirSync(step.target, { recursive: true });
  else {
    mkdirSync(dirname(step.target), { recursive: true });
    if (isLink(step.target)) rmSync(step.target);
    if (!existsSync(step.target)) writeFileSync(step.target, "");
  }
  libc.mount({ source: step.source, target: step.target, flags: mountFlags.bind | mountFlags.recursive });
  if (!step.readOnly) return;
  libc.mount({
    source: step.source,
    target: step.target,
    flags: mountFlags.bind | mountFlags.remount | mountFlags.readOnly,
  });
}

function hidePath(libc: Libc, path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (err) {
    // It lies in a file system that is bound read-only.
    if (errno(err) !== "EROFS") throw err;
    libc.mount({ source: "tmpfs", target: path, type: "tmpfs", data: "mode=755" });
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function mount(source: string, target: string, rest: Omit<MountCall, "source" | "target">): RootStep {
  return { do: "mount", call: { source, target, ...rest } };
}

function bind(source: string, target: string): RootStep {
  return { do: "bind", source, target, readOnly: true };
}

function directory(path: string): RootStep {
  return { do: "directory", path };
}

function link(path: string, to: string): RootStep {
  return { do: "link", path, to };
}

function file(path: string, text: string): RootStep {
  return { do: "file", path, text };
}

function hide(path: string): RootStep {
  return { do: "hide", path };
}

/** Colons separate layers and commas options. */
function overlayPath(path: string): string {
  return path.replaceAll(/[\\:,]/g, (character) => `\\${character}`);
}
