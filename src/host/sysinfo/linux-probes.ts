// The kernel's release and limits, tools, /proc. Upstream: internal/pkg/sysinfo/probes/linux.

import { type Finding, found } from "./finding.ts";
import { kernelAtLeast } from "./kernel-release.ts";
import { pass, type Probe } from "./probe.ts";
import type { Roles } from "./roles.ts";
import { appArmorProbe, seLinuxProbe } from "./security-modules.ts";

export const kernelOld: Finding = {
  category: "warning",
  message: "{what}",
  why: "Containers and networks need what older kernels lack.",
  remedy: "Install a newer kernel.",
};

export const fewOpenFiles: Finding = {
  category: "warning",
  message: "< {wanted}",
  why: "etcd, the API server and containerd hold a file or connection for each client, watch and container.",
  remedy:
    "Raise the hard limit where k0s is started: `ulimit -Hn {wanted}`, LimitNOFILE= in a unit, /etc/security/limits.conf for a login.",
};

export const toolMissing: Finding = {
  category: "warning",
  message: "executable file not found in PATH",
  why: "kubelet mounts volumes with mount and umount, and the kernel loads modules with modprobe.",
  remedy: "Install it (`apt-get install kmod mount`); a kernel with everything built in needs no modprobe.",
};

export const procUnusable: Finding = {
  category: "rejected",
  message: "/proc is not a proc file system",
  why: "Kubernetes, containerd and k0s read it all the time.",
  remedy: "`mount -t proc proc /proc`",
};

const kernelReleaseProbe: Probe = {
  id: "kernelRelease",
  displayName: "Linux kernel release",
  check: async ({ kernelRelease }) => {
    const recent = kernelAtLeast(kernelRelease, [3, 10]);
    if (recent === undefined) return found(kernelOld, kernelRelease, { what: "cannot be read as a version" });
    return recent ? pass(kernelRelease) : found(kernelOld, kernelRelease, { what: "expected at least 3.10" });
  },
};

const openFilesProbe: Probe = {
  id: "nofile",
  displayName: "Max. file descriptors per process",
  check: async (host) => {
    const wanted = 65_536;
    const limits = (await host.readText("/proc/self/limits")) ?? "";
    const [, soft = "", hard = ""] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
    const prop = `current: ${soft} / max: ${hard}`;
    const enough = hard === "unlimited" || Number(hard) >= wanted;
    return enough ? pass(prop) : found(fewOpenFiles, prop, { wanted: String(wanted) });
  },
};

function executableProbe(name: string): Probe {
  return {
    id: `executableInPath:${name}`,
    displayName: `Executable in PATH: ${name}`,
    check: async (host) => {
      const path = host.findExecutable(name);
      return path === undefined ? found(toolMissing, "") : pass(path);
    },
  };
}

const procProbe: Probe = {
  id: "procFS",
  displayName: "/proc file system",
  check: async (host) => {
    const procMagic = 0x9fa0;
    const { type } = await host.space("/proc");
    return type === procMagic ? pass("mounted") : found(procUnusable, `0x${type.toString(16)}`);
  },
};

export function linuxProbes(roles: Roles, dataDir: string): Probe[] {
  const common = [kernelReleaseProbe, openFilesProbe, appArmorProbe, seLinuxProbe(dataDir)];
  return roles.worker
    ? [...common, ...["modprobe", "mount", "umount"].map(executableProbe), procProbe]
    : common;
}
