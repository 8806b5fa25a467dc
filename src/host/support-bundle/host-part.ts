// What the host has: memory, disks, settings of the kernel.

import { statfs } from "node:fs/promises";
import { release, version } from "node:os";
import { run } from "../../os/exec.ts";
import { readFileIfExists } from "../../os/files.ts";
import { findExecutable } from "../../os/find-executable.ts";
import { listMounts, localTypes } from "../../os/mounts.ts";
import { type Collector, jsonFile } from "./collect.ts";

/** File of the bundle → file of the host. */
const files: Readonly<Record<string, string>> = {
  "os-release": "/etc/os-release",
  hostname: "/etc/hostname",
  hosts: "/etc/hosts",
  "resolv.conf": "/etc/resolv.conf",
  meminfo: "/proc/meminfo",
  loadavg: "/proc/loadavg",
  uptime: "/proc/uptime",
  swaps: "/proc/swaps",
  cgroups: "/proc/cgroups",
  mountinfo: "/proc/self/mountinfo",
  modules: "/proc/modules",
  "kernel-command-line": "/proc/cmdline",
  "pressure-cpu": "/proc/pressure/cpu",
  "pressure-memory": "/proc/pressure/memory",
  "pressure-io": "/proc/pressure/io",
  "sysctl-ip_forward": "/proc/sys/net/ipv4/ip_forward",
  "sysctl-conntrack-max": "/proc/sys/net/netfilter/nf_conntrack_max",
  "sysctl-conntrack-count": "/proc/sys/net/netfilter/nf_conntrack_count",
  "sysctl-inotify-instances": "/proc/sys/fs/inotify/max_user_instances",
  "sysctl-inotify-watches": "/proc/sys/fs/inotify/max_user_watches",
  "sysctl-file-nr": "/proc/sys/fs/file-nr",
};

export function hostPart(): Collector {
  return {
    name: "host",
    collect: async (add, signal) => {
      add(
        jsonFile("host/kernel.json", {
          release: release(),
          version: version(),
          now: new Date().toISOString(),
        }),
      );
      for (const [name, path] of Object.entries(files)) {
        const text = await readFileIfExists(path);
        if (text !== undefined) add({ path: `host/${name}`, text });
      }
      const dmesg = findExecutable("dmesg");
      if (dmesg !== undefined) {
        const { stdout } = await run(dmesg, [], { signal, timeoutMs: 10_000, maxOutputBytes: 4 << 20 });
        add({ path: "host/dmesg", text: stdout });
      }
    },
  };
}

/** A part of its own: a file system whose server is away does not answer. */
export function disksPart(): Collector {
  return {
    name: "disks",
    collect: async (add) => {
      const mounts = (await listMounts()).filter(({ type }) => localTypes.has(type));
      const targets = [...new Set(mounts.map(({ target }) => target))].filter(
        (target) => !/\/(pods|rootfs)\b/.test(target),
      );
      const spaces = await Promise.all(targets.map(spaceOf));
      add(jsonFile("host/disks.json", spaces));
    },
  };
}

async function spaceOf(target: string): Promise<object> {
  try {
    const { bsize, blocks, bavail, files: inodes, ffree } = await statfs(target);
    return { target, bytes: blocks * bsize, available: bavail * bsize, inodes, freeInodes: ffree };
  } catch (err) {
    return { target, error: (err as NodeJS.ErrnoException).code ?? "unknown" };
  }
}
