import { describe, expect, test } from "bun:test";
import { nodePaths } from "../../product/paths.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { type Logged, recordingLog } from "../../supervisor/testdata/recording-log.ts";
import { runPreflight } from "../../node/start/preflight.ts";
import { checkHost } from "./checks.ts";
import { checkSnippet } from "./containerd-snippets.ts";
import { parseKernelConfig } from "./kernel-config.ts";
import { kernelProbes, optionOutcome } from "./kernel-probes.ts";
import type { ProbeHost } from "./probe-host.ts";
import {
  address,
  everyRole as all,
  GiB,
  informative,
  madeHost as host,
  mount,
  outcome,
  space as roomy,
} from "./testdata/made-host.ts";
import { thisHost } from "./this-host.ts";

test("a good host passes everything but what is optional", async () => {
  const reports = await checkHost(all, host());
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
    space: async (path: string) => ({ ...roomy(path), type: path === "/proc" ? 0x9fa0 : 0x01021994 }),
    mounts: async () => [
      mount("/", "ext4"),
      ...["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"].map((name) =>
        mount(`/sys/fs/cgroup/${name}`, "cgroup", { superOptions: [name] }),
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
    expect(optionOutcome(option, parseKernelConfig("CONFIG_A=m\n"), "6.1")).toMatchObject({
      category: "pass",
      prop: "module",
    });
    expect(
      optionOutcome(option, parseKernelConfig("# CONFIG_A is not set\nCONFIG_B=y\n"), "6.1"),
    ).toMatchObject({
      category: "pass",
    });
    expect(optionOutcome(option, parseKernelConfig(""), "6.1")).toMatchObject({ category: "rejected" });
    expect(optionOutcome({ ...option, required: false }, parseKernelConfig(""), "6.1")).toMatchObject({
      category: "warning",
    });
  });

  test("a host that tells none gets one word, not one for each option", async () => {
    const untold = { ...host(), readText: async () => undefined, readGzip: async () => undefined };
    const [only, ...others] = await kernelProbes(untold, all, { informative: true });
    expect(others).toEqual([]);
    expect(await only?.check(untold)).toMatchObject({ category: "warning", prop: "unknown" });
  });
});

test("containerd snippets of the old format are rejected", () => {
  expect(checkSnippet("version = 3\n").category).toBe("pass");
  expect(checkSnippet("version = 2\n").category).toBe("rejected");
  expect(checkSnippet('[plugins."io.containerd.grpc.v1.cri"]\na = 1\n').category).toBe("rejected");
  expect(checkSnippet("= nope").category).toBe("rejected");
});

const dropIns = (files: Readonly<Record<string, string>>, id = "containerd:configSnippets") =>
  outcome(id, { files, findExecutable: () => undefined });

test("a snippet that containerd does not begin with is rejected, with its line", async () => {
  const path = "/etc/k0s/containerd.d/a.toml";
  const cni = 'version = 3\n[plugins."io.containerd.cri.v1.runtime".cni]\n  bin_dirs = "/opt/cni/bin"\n';
  expect(await dropIns({ [path]: cni }, path)).toBe(
    'rejected line 3 plugins."io.containerd.cri.v1.runtime".cni.bin_dirs has to be a list of strings',
  );
  expect(await dropIns({ [path]: "version = 3\n\n[debug\n" }, path)).toStartWith("rejected line 3 not valid");
});

test("snippets that do not fit each other are rejected, unless the main file is somebody else's", async () => {
  const path = "/etc/k0s/containerd.d/b.toml";
  const files = {
    "/etc/k0s/containerd.d/a.toml": "version = 3\n",
    [path]: '[plugins."io.containerd.cri.v1.runtime".containerd]\n  default_runtime_name = "crun"\n',
  };
  expect(await dropIns(files)).toBe(
    `rejected ${path}, line 2 default_runtime_name: there is no runtime "crun"`,
  );
  expect(await dropIns({ ...files, "/etc/k0s/containerd.toml": "# my own\n" })).toBe("pass 2");
  expect(await outcome("containerd:configSnippets", { files })).toBe("pass 2");
});

test("runtimes of the host are named with their programs", async () => {
  const find = (name: string): string | undefined =>
    name === "crun" || name === "nvidia-container-runtime" ? `/usr/bin/${name}` : undefined;
  expect(await outcome("runtimes", { findExecutable: find })).toBe(
    "pass nvidia (/usr/bin/nvidia-container-runtime), crun (/usr/bin/crun)",
  );
  expect(await outcome("runtimes", { findExecutable: () => undefined })).toBe(
    "pass none beside the runc of k0s",
  );
});

test("a host without a file of host names will get one", async () => {
  const resolve = () => Promise.reject(new Error("no resolver"));
  expect(await outcome("nameResolution:localhost", { exists: async () => false, resolve })).toStartWith(
    "warning",
  );
});

test("localhost must lead to this host", async () => {
  const probe = (resolved: string[], addresses = ["127.0.0.1"]) =>
    outcome("nameResolution:localhost", {
      resolve: async () => resolved,
      addresses: () => addresses.map((text) => address(text, "lo")),
    });
  expect(await probe(["::1"])).toStartWith("rejected");
  expect(await probe(["10.0.0.9"])).toStartWith("rejected");
  expect(await probe(["::1", "127.0.0.1"])).toStartWith("pass");
  expect(await probe(["127.0.1.1"])).toStartWith("pass");
  expect(await probe(["::1"], ["127.0.0.1", "::1"])).toStartWith("pass");
});

test("a probe that throws is an error of its own", async () => {
  const resolve = () => Promise.reject(new Error("no resolver"));
  const reports = await checkHost(all, host({ resolve }));
  expect(reports.find(({ category }) => category === "error")).toMatchObject({
    displayName: "Name resolution: localhost",
    error: new Error("no resolver"),
  });
  expect(reports.at(-1)?.path[0]).toBe("os");
});

test("what k0s can do without is a warning when it cannot be asked, and the rest is asked", async () => {
  const ask = () => Promise.reject(new Error("nft did not end"));
  const reports = await checkHost(
    informative,
    host({ ask, links: () => Promise.reject(new Error("no /proc")) }),
  );
  const unseen = reports.filter(({ message }) => message.startsWith("cannot be looked at"));
  expect(unseen.map(({ path, category, message }) => [path.at(-1), category, message])).toEqual([
    ["firewall", "warning", "cannot be looked at: nft did not end"],
    ["leftovers:links", "warning", "cannot be looked at: no /proc"],
    ["leftovers:rules", "warning", "cannot be looked at: nft did not end"],
  ]);
  expect(reports.filter(({ category }) => category === "error")).toEqual([]);
});

describe("pre-flight", () => {
  const options = { ...all, log: silentLogger(), ignore: false };
  test("a good host", async () => {
    await runPreflight(options, host());
  });
  test("a warning is logged once, with what to do; what passes only for whoever debugs", async () => {
    const lines: Logged[] = [];
    await runPreflight({ ...options, log: recordingLog(lines) }, host({ hostname: "localhost" }));
    const warnings = lines.filter(({ level }) => level === "warn");
    const ofName = warnings.filter(({ fields }) => fields["pre-flight-check"] === "Host name");
    expect(ofName).toHaveLength(1);
    expect(ofName[0]?.fields).toMatchObject({
      found: "localhost",
      reason: "every host is called so",
      remedy: expect.stringContaining("hostname -F /etc/hostname"),
    });
    expect(new Set(warnings.map(({ fields }) => fields["pre-flight-check"])).size).toBe(warnings.length);
    expect(lines.filter(({ level }) => level === "error" || level === "info")).toEqual([]);
  });
  test("rejections stop the start unless ignored", async () => {
    const bad = host({ files: { "/boot/config-6.1.0": "" } });
    expect(runPreflight(options, bad)).rejects.toThrow("pre-flight checks failed, check out `k0s sysinfo`");
    await runPreflight({ ...options, ignore: true }, bad);
  });
});

test("this machine can be looked at", async () => {
  const reports = await checkHost(informative, thisHost(nodePaths()));
  expect(reports.length).toBeGreaterThan(20);
  expect(reports.filter(({ category }) => category === "error")).toEqual([]);
});

test("options that newer kernels have in others are not missed there, and in older ones they are", () => {
  const option = {
    name: "NF_NAT_IPV4",
    text: "",
    required: false,
    children: [],
    mergedInto: { option: "NF_NAT", since: [5, 1] as const },
  };
  const config = parseKernelConfig("CONFIG_NF_NAT=m\n");
  expect(optionOutcome(option, config, "6.1.0-13-amd64")).toMatchObject({
    category: "pass",
    prop: "module (as CONFIG_NF_NAT)",
  });
  expect(optionOutcome(option, config, "5.0.21")).toMatchObject({ category: "warning" });
  expect(optionOutcome(option, parseKernelConfig(""), "6.1.0")).toMatchObject({ category: "warning" });
});
