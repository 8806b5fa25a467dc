// Control groups and their controllers, version 1 and 2. Version 1 works with a warning (docs/adr/0012).
// Upstream: internal/pkg/sysinfo/probes/linux/cgroups.go.

import { pass, reject, warn, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

const root = "/sys/fs/cgroup";
const cgroup2Magic = 0x63677270;

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
    if (version === 1)
      return warn("version 1", "works, but Kubernetes will drop it; boot the host with cgroup version 2");
    return reject(
      "",
      `no cgroup file system is mounted on ${root}: run "mount -t cgroup2 cgroup2 ${root}", or with OpenRC "rc-service cgroups start"`,
    );
  },
  children: async (host) => {
    const version = await cgroupVersion(host);
    if (version === undefined) return [];
    const find = version === 2 ? unifiedController : legacyController;
    return [
      ...["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"].map((name) =>
        controllerProbe(name, find, reject),
      ),
      ...["hugetlb", "blkio"].map((name) => controllerProbe(name, find, warn)),
    ];
  },
};

type FindController = (host: ProbeHost, name: string) => Promise<Outcome | undefined>;

function controllerProbe(name: string, find: FindController, missing: typeof warn): Probe {
  return {
    id: name,
    displayName: `cgroup controller "${name}"`,
    check: async (host) => (await find(host, name)) ?? missing("unavailable"),
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
    if (filtered === undefined) return warn("unknown", "only root can find out");
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
  const [major = 0, minor = 0] = host.kernelRelease.split(".").map(Number.parseFloat);
  // Since 5.2 every kernel with version 2 has it.
  return major > 5 || (major === 5 && minor >= 2)
    ? pass(`available (kernel ${host.kernelRelease})`)
    : undefined;
}
