// Control groups and their controllers, version 1 and 2. Version 1 works with a warning (docs/adr/0012).
// Upstream: internal/pkg/sysinfo/probes/linux/cgroups.go.

import { type Finding, found } from "./finding.ts";
import { kernelAtLeast } from "./kernel-release.ts";
import { pass, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

const root = "/sys/fs/cgroup";
const cgroup2Magic = 0x63677270;

export const cgroupsOld: Finding = {
  category: "warning",
  message: "works, but Kubernetes will drop it",
  why: "A later version of Kubernetes will not start with version 1, and memory of pods is not protected as well.",
  remedy: "Boot the host with version 2: `systemd.unified_cgroup_hierarchy=1` on the kernel's command line.",
};

export const cgroupsUnmounted: Finding = {
  category: "rejected",
  message: `nothing is mounted on ${root}`,
  why: "Containers live in control groups: kubelet ends at once without them.",
  remedy: `\`mount -t cgroup2 cgroup2 ${root}\`, or with OpenRC \`rc-service cgroups start\`; in a container, start that with its control groups.`,
};

export const controllerMissing: Finding = {
  category: "rejected",
  message: "",
  why: "kubelet does not start without it.",
  remedy:
    "If the kernel has it (`cat /proc/cgroups`), it is off: take cgroup_disable= out of the kernel's command line (for memory on a Raspberry Pi, add `cgroup_enable=memory`); in a container, hand it on.",
};

export const optionalControllerMissing: Finding = {
  category: "warning",
  message: "",
  why: "Pods cannot ask for what it counts: huge pages (hugetlb), limits of disk traffic (blkio).",
  remedy: "Nothing, if no pod needs it; else a kernel that has it.",
};

export const controllerUnknown: Finding = {
  category: "warning",
  message: "only root can find out",
  why: "The kernel lets nobody else attach a filter of devices.",
  remedy: "Run `k0s sysinfo` as root.",
};

/** 2, 1, or undefined when no cgroup file system is mounted. */
async function cgroupVersion(host: ProbeHost): Promise<1 | 2 | undefined> {
  if (!(await host.exists(root))) return undefined;
  if ((await host.space(root)).type === cgroup2Magic) return 2;
  return (await host.mounts()).some((mount) => mount.type === "cgroup") ? 1 : undefined;
}

export const cgroupsProbe: Probe = {
  id: "cgroups",
  displayName: "Control Groups",
  check: async (host) => {
    const version = await cgroupVersion(host);
    if (version === 2) return pass("version 2");
    if (version === 1) return found(cgroupsOld, "version 1");
    return found(cgroupsUnmounted, "");
  },
  children: async (host) => {
    const version = await cgroupVersion(host);
    if (version === undefined) return [];
    const find = version === 2 ? unifiedController : legacyController;
    return [
      ...["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"].map((name) =>
        controllerProbe(name, find, controllerMissing),
      ),
      ...["hugetlb", "blkio"].map((name) => controllerProbe(name, find, optionalControllerMissing)),
    ];
  },
};

type FindController = (host: ProbeHost, name: string) => Promise<Outcome | undefined>;

function controllerProbe(name: string, find: FindController, missing: Finding): Probe {
  return {
    id: name,
    displayName: `cgroup controller "${name}"`,
    check: async (host) => (await find(host, name)) ?? found(missing, "unavailable"),
  };
}

async function legacyController(host: ProbeHost, name: string): Promise<Outcome | undefined> {
  // #subsys_name hierarchy num_cgroups enabled
  const table = (await host.readText("/proc/cgroups")) ?? "";
  const [, , , enabled] =
    table
      .split("\n")
      .map((line) => line.split(/\s+/))
      .find(([subsystem]) => subsystem === name) ?? [];
  if (enabled !== "1") return undefined;
  const mounted = (await host.mounts()).some(
    (mount) => mount.type === "cgroup" && mount.superOptions.includes(name),
  );
  return mounted ? pass("available") : undefined;
}

async function unifiedController(host: ProbeHost, name: string): Promise<Outcome | undefined> {
  if (name === "devices") {
    const filtered = host.canFilterDevices();
    if (filtered === undefined) return found(controllerUnknown, "unknown");
    return filtered ? pass("available (device filters attachable)") : undefined;
  }
  if (name === "freezer") return freezer(host);
  const available = ((await host.readText(`${root}/cgroup.controllers`)) ?? "").trim().split(" ");
  // Version 2 merged or renamed them.
  const today = { cpuacct: "cpu", blkio: "io" }[name] ?? name;
  if (!available.includes(today)) return undefined;
  return pass(today === name ? "available" : `available (via ${today})`);
}

/** The root group has no `cgroup.freeze`; any group below it shows whether the kernel does. */
async function freezer(host: ProbeHost): Promise<Outcome | undefined> {
  for (const name of await host.list(root)) {
    if (await host.exists(`${root}/${name}/cgroup.freeze`)) return pass("available (cgroup.freeze exists)");
  }
  if (await host.exists(`${root}/cgroup.freeze`)) return pass("available (cgroup.freeze exists)");
  // Since 5.2 every kernel with version 2 has it.
  return kernelAtLeast(host.kernelRelease, [5, 2]) === true
    ? pass(`available (kernel ${host.kernelRelease})`)
    : undefined;
}
