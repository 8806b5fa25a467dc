// A good host with cgroup v2 that exists in memory alone, changed as a test needs it.

import type { HostAddress } from "../../../os/addresses.ts";
import type { Mount } from "../../../os/mounts.ts";
import { checkHost, type SysinfoOptions } from "../checks.ts";
import { releasedAfter } from "../../../product/versions.ts";
import type { ProbeHost } from "../probe-host.ts";

export const GiB = 1024 ** 3;

export const everyRole: SysinfoOptions = {
  controller: true,
  worker: true,
  dataDir: "/var/lib/k0s",
  networks: {
    provider: "calico",
    pods: ["10.244.0.0/16"],
    services: ["10.96.0.0/12"],
    dualStack: false,
    between: [],
  },
};

/** As `k0s sysinfo` asks. */
export const informative: SysinfoOptions = { ...everyRole, informative: { ports: [] } };

const needed =
  "CGROUPS CGROUP_SCHED FAIR_GROUP_SCHED NAMESPACES UTS_NS IPC_NS PID_NS NET_NS NET INET NETFILTER NF_CONNTRACK " +
  "NETFILTER_XTABLES IP_NF_TARGET_REDIRECT NETFILTER_XT_MATCH_COMMENT EXT4_FS PROC_FS";

export function mount(target: string, type: string, changes: Partial<Mount> = {}): Mount {
  return {
    id: 1,
    parentId: 0,
    device: "0:1",
    root: "/",
    target,
    options: [],
    type,
    source: "none",
    superOptions: [],
    ...changes,
  };
}

export function address(text: string, name = "eth0"): HostAddress {
  const [ip = ""] = text.split("/");
  return {
    interface: name,
    address: ip,
    cidr: text,
    family: ip.includes(":") ? 6 : 4,
    loopback: name === "lo",
    hardwareAddress: "",
  };
}

export type Changes = Partial<ProbeHost> & { readonly files?: Readonly<Record<string, string>> };

export function madeHost(changes: Changes = {}): ProbeHost {
  const { files: changed, ...rest } = changes;
  const files: Readonly<Record<string, string>> = {
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/resolv.conf": "nameserver 192.0.2.53\n",
    "/proc/meminfo": "MemTotal: 4194304 kB\nMemAvailable:    2097152 kB\n",
    "/proc/self/limits": "Max open files            1024                 1048576              files\n",
    "/proc/swaps": "Filename\tType\tSize\tUsed\tPriority\n",
    "/proc/sys/net/ipv6/conf/all/disable_ipv6": "0\n",
    "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids\n",
    "/sys/fs/cgroup/system.slice/cgroup.freeze": "0",
    "/boot/config-6.1.0": needed
      .split(" ")
      .map((name) => `CONFIG_${name}=y\n`)
      .join(""),
    ...changed,
  };
  return {
    platform: "linux",
    kernelRelease: "6.1.0",
    architecture: "x64",
    memoryBytes: 4 * GiB,
    hostname: "node-1",
    readText: async (path) => files[path],
    readGzip: async () => undefined,
    list: async (dir) =>
      dir === "/sys/fs/cgroup" ? ["system.slice"] : Object.keys(files).flatMap((path) => nameIn(dir, path)),
    exists: async (path) =>
      ["/", "/var", "/var/lib", "/sys/fs/cgroup"].includes(path) || files[path] !== undefined,
    space: async (path) => space(path),
    mounts: async () => [mount("/", "ext4"), mount("/sys/fs/cgroup", "cgroup2")],
    resolve: async (name) => [name === "localhost" ? "127.0.0.1" : "10.0.0.1"],
    addresses: () => [address("127.0.0.1/8", "lo"), address("10.0.0.1/24")],
    links: async () => ["lo", "eth0"],
    findExecutable: (name) => `/usr/bin/${name}`,
    ask: async () => undefined,
    canFilterDevices: () => true,
    clock: () => ({ now: new Date(releasedAfter.getTime() + 86_400_000), synchronised: true }),
    isInContainer: async () => false,
    processes: async () => [{ pid: 1, name: "systemd", program: "/usr/lib/systemd/systemd" }],
    holders: async () => [],
    isInstalled: async () => false,
    isRunning: async () => false,
    ...rest,
  };
}

/** Half free, and of the kind that its path says. */
export function space(path: string): Awaited<ReturnType<ProbeHost["space"]>> {
  const type = path === "/proc" ? 0x9fa0 : path.startsWith("/sys/fs/cgroup") ? 0x63677270 : 0xef53;
  return { total: 100 * GiB, free: 50 * GiB, type, inodes: 1_000_000, freeInodes: 500_000 };
}

function nameIn(dir: string, path: string): string[] {
  const base = dir.endsWith("/") ? dir : `${dir}/`;
  return path.startsWith(base) ? [path.slice(base.length).split("/", 1)[0] ?? ""] : [];
}

/** `<category> <property> <message>` of the probe with this id; undefined if there is none. */
export async function outcome(
  id: string,
  changes: Changes = {},
  options: SysinfoOptions = informative,
): Promise<string | undefined> {
  const report = await reportOf(id, changes, options);
  return report === undefined ? undefined : `${report.category} ${report.prop} ${report.message}`.trim();
}

/** What a person is told to do about it. */
export async function remedy(id: string, changes: Changes, options: SysinfoOptions = informative) {
  return (await reportOf(id, changes, options))?.remedy;
}

async function reportOf(id: string, changes: Changes, options: SysinfoOptions) {
  const reports = await checkHost(options, madeHost(changes));
  return reports.find(({ path }) => path.at(-1) === id);
}
