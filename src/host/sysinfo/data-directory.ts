// The data directory: its file system, room and mount options. Upstream: internal/pkg/sysinfo/probes/disk.go.

import { dirname, resolve } from "node:path";
import { mountHolding, type Mount } from "../../os/mounts.ts";
import { formatBytes } from "../../std/bytes.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";
import type { Roles } from "./roles.ts";

const MiB = 1024 * 1024;

const another = "or choose another place with --data-dir";

export const fileSystemUnknown: Finding = {
  category: "warning",
  message: "",
  why: "Whether images can be kept there cannot be told.",
  remedy: `Look with \`findmnt -T {dir}\`, ${another}.`,
};

export const fileSystemUnfit: Finding = {
  category: "warning",
  message: "images cannot be unpacked there",
  why: "containerd lays images over each other with overlayfs, which cannot write on a file system of this kind.",
  remedy: `Mount a local disk (ext4, xfs, btrfs) at {dir}, ${another}.`,
};

export const diskFull: Finding = {
  category: "warning",
  message: "{wanted} recommended",
  why: "Programs, images and the datastore may not fit; a start that would run out of room is refused.",
  remedy: `Free some room there, ${another}.`,
};

export const diskNearlyFull: Finding = {
  category: "warning",
  message: "{wanted} recommended",
  why: "kubelet deletes images when less than that is free, and evicts pods below 10%.",
  remedy: `Free some room there, ${another}.`,
};

export const inodesUsedUp: Finding = {
  category: "warning",
  message: "5% recommended",
  why: "No file can be made when they are used up, however much room there is; kubelet evicts pods below 5%.",
  remedy: `Delete many small files (\`du --inodes -x {mount} | sort -n | tail\` shows where they are), ${another}.`,
};

export const notExecutable: Finding = {
  category: "rejected",
  message: "mounted noexec",
  why: "k0s unpacks its programs there and could not run them.",
  remedy: `\`mount -o remount,exec {mount}\`, and the same in /etc/fstab; ${another}.`,
};

export const readOnly: Finding = {
  category: "rejected",
  message: "mounted read-only",
  why: "k0s keeps everything there.",
  remedy: `\`mount -o remount,rw {mount}\` (after an error of the disk: \`dmesg\`), ${another}.`,
};

/** Upper layers of overlayfs cannot lie there. */
const unfit = /^(overlay|nfs4?|cifs|smb3|vfat|exfat|ecryptfs|9p|fuse(\..+)?)$/;

/** Its mount options are asked for where no start refuses them in better words. */
export function dataDirectoryProbes(
  dir: string,
  roles: Roles,
  { informative }: { readonly informative: boolean },
): Probe[] {
  const wanted = (roles.controller ? 500 * MiB : 0) + (roles.worker ? 1300 * MiB : 0);
  return [
    {
      id: `filesystem:${dir}`,
      displayName: `File system of ${dir}`,
      check: async (host) => {
        const type = (await mountOf(host, dir))?.type ?? "";
        if (type === "") return found(fileSystemUnknown, "unknown", { dir });
        return roles.worker && unfit.test(type) ? found(fileSystemUnfit, type, { dir }) : pass(type);
      },
    },
    {
      id: `disk:${dir}`,
      displayName: `Disk space available for ${dir}`,
      check: async (host) => {
        const { free } = await host.space(await existingParent(host, dir));
        const prop = formatBytes(free);
        return free >= wanted ? pass(prop) : found(diskFull, prop, { wanted: formatBytes(wanted) });
      },
    },
    ...(roles.worker ? [relativeSpaceProbe(dir)] : []),
    inodesProbe(dir),
    ...(informative ? [mountOptionsProbe(dir)] : []),
  ];
}

function relativeSpaceProbe(dir: string): Probe {
  const percent = 15;
  return {
    id: `reldisk:${dir}`,
    displayName: `Relative disk space available for ${dir}`,
    check: async (host) => {
      const { free, total } = await host.space(await existingParent(host, dir));
      const share = total === 0 ? 0 : Math.floor((100 * free) / total);
      return share >= percent
        ? pass(`${share}%`)
        : found(diskNearlyFull, `${share}%`, { wanted: `${percent}%` });
    },
  };
}

function inodesProbe(dir: string): Probe {
  return {
    id: `inodes:${dir}`,
    displayName: `Inodes available for ${dir}`,
    check: async (host) => {
      const { inodes, freeInodes } = await host.space(await existingParent(host, dir));
      if (inodes === 0) return pass("not limited");
      const share = Math.floor((100 * freeInodes) / inodes);
      if (share >= 5) return pass(`${share}%`);
      return found(inodesUsedUp, `${share}%`, { mount: (await mountOf(host, dir))?.target ?? "/" });
    },
  };
}

function mountOptionsProbe(dir: string): Probe {
  return {
    id: `mount:${dir}`,
    displayName: `Mount options of ${dir}`,
    check: async (host) => {
      const mount = await mountOf(host, dir);
      if (mount === undefined) return pass("unknown");
      const { options, superOptions, target } = mount;
      if (options.includes("ro") || superOptions.includes("ro"))
        return found(readOnly, target, { mount: target });
      if (options.includes("noexec")) return found(notExecutable, target, { mount: target });
      return pass(options.join(",") || "none");
    },
  };
}

async function mountOf(host: ProbeHost, dir: string): Promise<Mount | undefined> {
  return mountHolding(await host.mounts(), await existingParent(host, dir));
}

/** The directory itself or the nearest parent that exists. */
async function existingParent(host: ProbeHost, dir: string): Promise<string> {
  let at = resolve(dir);
  while (at !== "/" && !(await host.exists(at))) at = dirname(at);
  return at;
}
