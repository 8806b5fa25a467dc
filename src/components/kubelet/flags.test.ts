import { describe, expect, test } from "bun:test";
import { nodePaths } from "../../product/paths.ts";
import { kubeletArgs, kubeletConfiguration } from "./flags.ts";

const base = {
  paths: nodePaths(),
  nodeName: "web-1",
  logLevel: "1",
  labels: {},
  nodeIp: undefined,
  kubeconfig: "/var/lib/k0s/kubelet.conf",
  externalCloudProvider: false,
  extraArgs: {},
};

describe("kubelet arguments", () => {
  test("extra arguments override what is generated, but never the node name", () => {
    const args = kubeletArgs({
      ...base,
      extraArgs: { v: "4", "hostname-override": "other", "node-ip": "10.0.0.9" },
    });
    expect(args).toContain("--v=4");
    expect(args).toContain("--node-ip=10.0.0.9");
    expect(args).toContain("--hostname-override=web-1");
  });

  test("labels become one flag", () => {
    expect(kubeletArgs({ ...base, labels: { a: "1", b: "2" } })).toContain("--node-labels=a=1,b=2");
  });
});

describe("kubelet configuration", () => {
  const input = {
    profile: { maxPods: 42, resolvConf: "/my/resolv.conf" },
    clientCaFile: "/run/k0s/kubelet/ca.crt",
    resolvConf: "/etc/resolv.conf",
    runtimeEndpoint: "unix:///run/k0s/containerd.sock",
    taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
    cgroupV1: true,
    sharedDisk: false,
  };

  test("the profile wins over the host's defaults, the node's own facts over the profile", () => {
    const config = kubeletConfiguration({
      ...input,
      profile: { ...input.profile, containerRuntimeEndpoint: "unix:///evil" },
    });
    expect(config["maxPods"]).toBe(42);
    expect(config["resolvConf"]).toBe("/my/resolv.conf");
    expect(config["containerRuntimeEndpoint"]).toBe("unix:///run/k0s/containerd.sock");
    expect(config["registerWithTaints"]).toEqual([
      { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
    ]);
  });

  test("cgroup v1 is allowed only where the host has it", () => {
    expect(kubeletConfiguration(input)["failCgroupV1"]).toBe(false);
    expect(kubeletConfiguration({ ...input, cgroupV1: false })).not.toHaveProperty("failCgroupV1");
  });

  test("a node on a part of another's disk does not clean up until that is really full", () => {
    expect(kubeletConfiguration(input)).not.toHaveProperty("evictionHard");
    const shared = kubeletConfiguration({ ...input, sharedDisk: true });
    expect(shared["evictionHard"]).toMatchObject({ "imagefs.available": "1%" });
    expect(shared["imageGCHighThresholdPercent"]).toBe(100);
  });
});
