// The kernel's release and limits, AppArmor, tools, /proc. Upstream: internal/pkg/sysinfo/probes/linux.

import { pass, reject, warn, type Probe } from "./probe.ts";
import type { Roles } from "./general-probes.ts";

const kernelReleaseProbe: Probe = {
  id: "kernelRelease",
  displayName: "Linux kernel release",
  check: async ({ kernelRelease }) => {
    const [major = 0, minor = 0] = kernelRelease.split(".").map(Number.parseFloat);
    if (Number.isNaN(major) || Number.isNaN(minor)) return warn(kernelRelease, "cannot be read as a version");
    const recent = major > 3 || (major === 3 && minor >= 10);
    return recent ? pass(kernelRelease) : warn(kernelRelease, "expected at least 3.10");
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
    return enough ? pass(prop) : warn(prop, `< ${wanted}`);
  },
};

const appArmorProbe: Probe = {
  id: "AppArmor",
  displayName: "AppArmor",
  check: async (host) => {
    const enabled = await host.readText("/sys/module/apparmor/parameters/enabled");
    if (enabled === undefined) return pass("unavailable");
    return pass(enabled.startsWith("Y") ? "active" : "inactive");
  },
};

function executableProbe(name: string): Probe {
  return {
    id: `executableInPath:${name}`,
    displayName: `Executable in PATH: ${name}`,
    check: async (host) => {
      const path = host.findExecutable(name);
      return path === undefined ? warn("", `executable file not found in PATH`) : pass(path);
    },
  };
}

const procProbe: Probe = {
  id: "procFS",
  displayName: "/proc file system",
  check: async (host) => {
    const procMagic = 0x9fa0;
    const { type } = await host.space("/proc");
    return type === procMagic
      ? pass("mounted")
      : reject(`0x${type.toString(16)}`, "/proc is not a proc file system");
  },
};

export function linuxProbes(roles: Roles): Probe[] {
  const common = [kernelReleaseProbe, openFilesProbe, appArmorProbe];
  return roles.worker
    ? [...common, ...["modprobe", "mount", "umount"].map(executableProbe), procProbe]
    : common;
}
