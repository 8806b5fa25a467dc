import { describe, expect, test } from "bun:test";
import type { Mount } from "../../os/mounts.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { runPreflight } from "../../node/start/preflight.ts";
import { checkHost } from "./checks.ts";
import { checkSnippet } from "./containerd-snippets.ts";
import { parseKernelConfig } from "./kernel-config.ts";
import { optionOutcome } from "./kernel-probes.ts";
import type { ProbeHost } from "./probe-host.ts";
import { thisHost } from "./probe-host.ts";

const GiB = 1024 ** 3;
const all = { controller: true, worker: true, dataDir: "/var/lib/k0s", informative: false };
const needed =
  "CGROUPS CGROUP_SCHED FAIR_GROUP_SCHED NAMESPACES UTS_NS IPC_NS PID_NS NET_NS NET INET NETFILTER NF_CONNTRACK " +
  "NETFILTER_XTABLES IP_NF_TARGET_REDIRECT NETFILTER_XT_MATCH_COMMENT EXT4_FS PROC_FS";

function mount(target: string, type: string, superOptions: readonly string[] = []): Mount {
  return {
    id: 1,
    parentId: 0,
    device: "0:1",
    root: "/",
    target,
    options: [],
    type,
    source: "none",
    superOptions,
  };
}

/** A good host with cgroup v2, changed as a test needs it. */
function host(changes: Partial<ProbeHost> & { files?: Record<string, string> } = {}): ProbeHost {
  const { files: changed, ...rest } = changes;
  const files: Record<string, string> = {
    "/proc/self/limits": "Max open files            1024                 1048576              files\n",
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
    readText: async (path) => files[path],
    readGzip: async () => undefined,
    list: async (dir) => (dir === "/sys/fs/cgroup" ? ["system.slice"] : []),
    exists: async (path) =>
      ["/", "/var", "/var/lib", "/sys/fs/cgroup", "/etc/hosts"].includes(path) || path in files,
    space: async (path) => ({
      total: 100 * GiB,
      free: 50 * GiB,
      type: path === "/proc" ? 0x9fa0 : path.startsWith("/sys/fs/cgroup") ? 0x63677270 : 0xef53,
    }),
    mounts: async () => [mount("/", "ext4"), mount("/sys/fs/cgroup", "cgroup2")],
    resolve: async () => ["127.0.0.1"],
    addresses: () => ["127.0.0.1", "10.0.0.1"],
    findExecutable: (name) => `/usr/bin/${name}`,
    canFilterDevices: () => true,
    ...rest,
  };
}

async function outcome(id: string, changes: Parameters<typeof host>[0] = {}, options = all) {
  const reports = await checkHost(options, undefined, host(changes));
  const found = reports.find(({ path }) => path.at(-1) === id);
  return found === undefined ? undefined : `${found.category} ${found.prop} ${found.message}`.trim();
}

test("a good host passes everything but what is optional", async () => {
  const reports = await checkHost(all, undefined, host());
  const notPassed = reports.filter(({ category }) => category !== "pass").map(({ path }) => path.at(-1));
  expect(notPassed).toEqual([
    "kernelConfig:CFS_BANDWIDTH",
    "kernelConfig:BLK_CGROUP",
    "kernelConfig:NETFILTER_ADVANCED",
  ]);
  expect(reports.find(({ path }) => path.at(-1) === "kernelConfig:NF_CONNTRACK")?.path).toEqual([
    "os",
    "kernelConfig:NET",
    "kernelConfig:NETFILTER",
    "kernelConfig:NF_CONNTRACK",
  ]);
});

test("a network configuration of somebody else is named; of k0s, of a delegating plug-in and of nobody it is fine", async () => {
  const having = (name: string, config: object): Parameters<typeof host>[0] => ({
    files: { [`/etc/cni/net.d/${name}`]: JSON.stringify(config) },
    list: async (dir) => (dir === "/etc/cni/net.d" ? [name] : []),
  });
  expect(await outcome("cni:config")).toBe("pass none");
  expect(
    await outcome(
      "cni:config",
      having("05-cilium.conflist", { name: "c", plugins: [{ type: "cilium-cni" }] }),
    ),
  ).toStartWith(
    "warning /etc/cni/net.d/05-cilium.conflist (cilium-cni) it hides the network that k0s installs",
  );
  expect(
    await outcome("cni:config", having("10-calico.conflist", { name: "k8s-pod-network", plugins: [{}] })),
  ).toBe("pass nothing that hides the network of k0s");
  expect(await outcome("cni:config", having("00-multus.conf", { name: "m", type: "multus" }))).toBe(
    "pass nothing that hides the network of k0s",
  );
});

describe("memory and disk", () => {
  test("a controller needs more", async () => {
    const memoryBytes = 0.75 * GiB;
    expect(await outcome("memory", { memoryBytes })).toBe("warning 768 MiB 1.0 GiB recommended");
    expect(await outcome("memory", { memoryBytes }, { ...all, controller: false })).toBe("pass 768 MiB");
  });
  test("the nearest parent that exists is looked at", async () => {
    const seen: string[] = [];
    const space: ProbeHost["space"] = async (path) => {
      seen.push(path);
      return host().space(path);
    };
    expect(await outcome("disk:/var/lib/k0s", { space })).toBe("pass 50.0 GiB");
    expect(seen).toContain("/var/lib");
    expect(await outcome("filesystem:/var/lib/k0s")).toBe("pass ext4");
  });
  test("little room is a warning", async () => {
    const space: ProbeHost["space"] = async (path) => ({
      ...(await host().space(path)),
      total: 100 * GiB,
      free: GiB,
    });
    expect(await outcome("disk:/var/lib/k0s", { space })).toBe("warning 1.0 GiB 1.8 GiB recommended");
    expect(await outcome("reldisk:/var/lib/k0s", { space })).toBe("warning 1% 15% recommended");
    expect(await outcome("reldisk:/var/lib/k0s", { space }, { ...all, worker: false })).toBeUndefined();
  });
});

describe("control groups", () => {
  const legacy = {
    space: async (path: string) => ({ total: 1, free: 1, type: path === "/proc" ? 0x9fa0 : 0x01021994 }),
    mounts: async () => [
      mount("/", "ext4"),
      ...["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"].map((name) =>
        mount(`/sys/fs/cgroup/${name}`, "cgroup", [name]),
      ),
    ],
    files: {
      "/proc/cgroups":
        "#subsys_name\thierarchy\tnum_cgroups\tenabled\n" +
        "cpu cpuacct cpuset memory devices freezer pids blkio"
          .split(" ")
          .map((name) => `${name}\t1\t1\t1\n`)
          .join(""),
    },
  };
  test("version 1 works with a warning", async () => {
    expect(await outcome("cgroups", legacy)).toStartWith("warning version 1");
    expect(await outcome("memory", legacy)).toStartWith("pass");
    expect(await outcome("blkio", legacy)).toBe("warning unavailable");
  });
  test("none is rejected", async () => {
    expect(await outcome("cgroups", { ...legacy, mounts: async () => [mount("/", "ext4")] })).toStartWith(
      "rejected",
    );
  });
  test("version 2 renamed some controllers", async () => {
    expect(await outcome("cpuacct")).toBe("pass available (via cpu)");
    expect(await outcome("blkio")).toBe("pass available (via io)");
    expect(await outcome("devices", { canFilterDevices: () => undefined })).toStartWith("warning unknown");
    expect(await outcome("devices", { canFilterDevices: () => false })).toBe("rejected unavailable");
    expect(
      await outcome("pids", { files: { "/sys/fs/cgroup/cgroup.controllers": "cpu cpuset memory\n" } }),
    ).toBe("rejected unavailable");
  });
});

describe("kernel options", () => {
  test("required, alternative, unknown", () => {
    const option = { name: "A", text: "", required: true, instead: ["B"], children: [] };
    expect(optionOutcome(option, parseKernelConfig("CONFIG_A=m\n"))).toMatchObject({
      category: "pass",
      prop: "module",
    });
    expect(optionOutcome(option, parseKernelConfig("# CONFIG_A is not set\nCONFIG_B=y\n"))).toMatchObject({
      category: "pass",
    });
    expect(optionOutcome(option, parseKernelConfig(""))).toMatchObject({ category: "rejected" });
    expect(optionOutcome({ ...option, required: false }, parseKernelConfig(""))).toMatchObject({
      category: "warning",
    });
    expect(optionOutcome(option, undefined)).toMatchObject({ category: "warning", prop: "unknown" });
  });
});

test("containerd snippets of the old format are rejected", () => {
  expect(checkSnippet("version = 3\n").category).toBe("pass");
  expect(checkSnippet("version = 2\n").category).toBe("rejected");
  expect(checkSnippet('[plugins."io.containerd.grpc.v1.cri"]\na = 1\n').category).toBe("rejected");
  expect(checkSnippet("= nope").category).toBe("rejected");
});

test("a host without a file of host names will get one", async () => {
  const resolve = () => Promise.reject(new Error("no resolver"));
  expect(await outcome("nameResolution:localhost", { exists: async () => false, resolve })).toStartWith(
    "warning",
  );
});

test("localhost must lead to this host", async () => {
  const probe = (resolved: string[], addresses = ["127.0.0.1"]) =>
    outcome("nameResolution:localhost", { resolve: async () => resolved, addresses: () => addresses });
  expect(await probe(["::1"])).toStartWith("rejected");
  expect(await probe(["10.0.0.9"])).toStartWith("rejected");
  expect(await probe(["::1", "127.0.0.1"])).toStartWith("pass");
  expect(await probe(["127.0.1.1"])).toStartWith("pass");
  expect(await probe(["::1"], ["127.0.0.1", "::1"])).toStartWith("pass");
});

test("a probe that throws is an error of its own", async () => {
  const resolve = () => Promise.reject(new Error("no resolver"));
  const reports = await checkHost(all, undefined, host({ resolve }));
  expect(reports.find(({ category }) => category === "error")).toMatchObject({
    displayName: "Name resolution: localhost",
    error: new Error("no resolver"),
  });
  expect(reports.at(-1)?.path[0]).toBe("os");
});

describe("pre-flight", () => {
  const options = { ...all, log: silentLogger(), ignore: false };
  test("a good host", async () => {
    await runPreflight(options, host());
  });
  test("rejections stop the start unless ignored", async () => {
    const bad = host({ files: { "/boot/config-6.1.0": "" } });
    expect(runPreflight(options, bad)).rejects.toThrow("pre-flight checks failed, check out `k0s sysinfo`");
    await runPreflight({ ...options, ignore: true }, bad);
  });
});

test("this machine can be looked at", async () => {
  const reports = await checkHost({ ...all, informative: true }, undefined, thisHost);
  expect(reports.length).toBeGreaterThan(20);
});
