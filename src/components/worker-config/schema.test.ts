import { expect, test } from "bun:test";
import { join } from "node:path";
import { clusterConfigSchema, configDefaultsFor } from "../../config/cluster-config.ts";
import type { ConfigMap } from "../../kube/objects/config-map.ts";
import { parseYamlDocuments } from "../../std/yaml.ts";
import { workerConfigData } from "./manifest.ts";
import { parseWorkerSettings, pauseImageOf, writeWorkerSettings } from "./schema.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" };
const config = configDefaultsFor(node);
const data =
  workerConfigData(
    { config, apiServers: ["192.0.2.10:6443"], konnectivity: true, autopilot: false },
    "default",
  ) ?? {};

test("a worker reads what a controller writes", () => {
  const settings = parseWorkerSettings(data, "test");
  expect(settings.apiServerAddresses).toEqual(["192.0.2.10:6443"]);
  expect(settings.kubeletConfiguration).toMatchObject({ clusterDNS: ["10.96.0.10"] });
  expect(settings.kubeProxyConfiguration).toMatchObject({ disabled: false, clusterCIDR: "10.244.0.0/16" });
  expect(settings.konnectivity).toEqual({ enabled: true, agentPort: 8132 });
  expect(pauseImageOf(settings)).toMatch(/^localhost\/k0s\/pause:/);
});

test("a controller that says nothing about kube-proxy runs it itself", () => {
  const { kubeProxyConfiguration: _, ...others } = data;
  expect(parseWorkerSettings(others, "test").kubeProxyConfiguration).toBeUndefined();
});

test("a controller of upstream's make says nothing of tunnels that are off", () => {
  const settings = parseWorkerSettings({ ...data, konnectivity: '{"agentPort":8132}' }, "test");
  expect(settings.konnectivity).toEqual({ enabled: false, agentPort: 8132 });
});

test("what cannot be read is named", () => {
  expect(() => parseWorkerSettings({ ...data, pauseImage: "{" }, "the map")).toThrow(
    "the map cannot be read: pauseImage",
  );
  expect(() => parseWorkerSettings({}, "the map")).toThrow("kubeletConfiguration");
});

test("the golden file of what is published is, to a worker, this", async () => {
  const golden = join(import.meta.dir, "../testdata/worker-config.yaml");
  const objects = parseYamlDocuments(await Bun.file(golden).text()) as ConfigMap[];
  const maps = objects.filter(({ kind }) => kind === "ConfigMap");
  expect(maps).toHaveLength(2);
  for (const { metadata, data } of maps) {
    const { kubeletConfiguration, ...others } = parseWorkerSettings(data ?? {}, metadata.name ?? "");
    expect(kubeletConfiguration).toEqual(JSON.parse(data?.["kubeletConfiguration"] ?? ""));
    expect(others).toEqual({
      apiServerAddresses: ["192.0.2.10:6443"],
      konnectivity: { enabled: false, agentPort: 8132 },
      // Windows has one of its own.
      pauseImage: {
        image: metadata.name?.includes("windows") === true ? "registry.k8s.io/pause" : "localhost/k0s/pause",
        version: "3.10.2",
      },
      dualStackEnabled: false,
      autopilotDisabled: true,
      primaryAddressFamily: "IPv4",
      networkProvider: "calico",
      kernelModules: [],
      serviceCIDRs: ["10.96.0.0/12"],
      kubeProxyConfiguration: {
        disabled: false,
        metricsBindAddress: "0.0.0.0:10249",
        healthzBindAddress: "0.0.0.0:10256",
        iptables: { syncPeriod: "0s", minSyncPeriod: "0s" },
        ipvs: expect.objectContaining({ syncPeriod: "0s", tcpTimeout: "0s" }),
        nftables: { syncPeriod: "0s", minSyncPeriod: "0s" },
        nodePortAddresses: [],
        extraArgs: {},
        rawArgs: [],
        clusterCIDR: "10.244.0.0/16",
        featureGates: {},
      },
    });
  }
});

test("everything that a controller can say is read, and what was read can be written again", () => {
  const full = clusterConfigSchema(node).parse({
    spec: {
      network: {
        primaryAddressFamily: "IPv6",
        dualStack: { enabled: true, IPv6podCIDR: "fd00::/108", IPv6serviceCIDR: "fd01::/108" },
        calico: { wireguard: true },
        nodeLocalLoadBalancing: { enabled: true, type: "Traefik", traefik: { apiServerBindPort: 7999 } },
        kubeProxy: { mode: "nftables", extraArgs: { v: "3" }, nodePortAddresses: ["10.0.0.0/8"] },
      },
      featureGates: [{ name: "A", enabled: true, components: ["kube-proxy"] }],
    },
  });
  const published = workerConfigData(
    { config: full, apiServers: ["b:1", "a:1"], konnectivity: true, autopilot: true },
    "default",
  );
  const settings = parseWorkerSettings(published ?? {}, "test");
  expect(settings).toMatchObject({
    apiServerAddresses: ["a:1", "b:1"],
    primaryAddressFamily: "IPv6",
    dualStackEnabled: true,
    kernelModules: ["wireguard"],
    nodeLocalLoadBalancing: {
      type: "Traefik",
      traefik: { apiServerBindPort: 7999, konnectivityServerBindPort: 7132 },
    },
    serviceCIDRs: ["fd01::/108", "10.96.0.0/12"],
    kubeProxyConfiguration: {
      mode: "nftables",
      extraArgs: { v: "3" },
      nodePortAddresses: ["10.0.0.0/8"],
      featureGates: { A: true },
    },
  });
  expect(Object.keys(settings).sort()).toEqual(Object.keys(published ?? {}).sort());
  expect(parseWorkerSettings(writeWorkerSettings(settings), "test")).toEqual(settings);
});

test("what a newer controller says beyond that is passed over, whatever it is", () => {
  const konnectivity = '{"enabled":true,"agentPort":8132,"proxy":{"of":"tomorrow"}}';
  const newer = { ...data, konnectivity, tomorrow: '{"a":1}', plain: "no JSON: at all" };
  expect(parseWorkerSettings(newer, "test")).toEqual(parseWorkerSettings(data, "test"));
});

test.each([
  ["konnectivity", '{"enabled":true,"agentPort":"8132"}', "konnectivity.agentPort: "],
  [
    "kubeProxyConfiguration",
    '{"metricsBindAddress":1,"healthzBindAddress":"a","clusterCIDR":"b"}',
    "kubeProxyConfiguration.metricsBindAddress: ",
  ],
  ["apiServerAddresses", '["a",2]', "apiServerAddresses[1]: "],
  ["primaryAddressFamily", '"IPv5"', "primaryAddressFamily: "],
])("a wrong %s is named by its path", (field, text, path) => {
  expect(() => parseWorkerSettings({ ...data, [field]: text }, "the map")).toThrow(
    `the map cannot be read: ${path}`,
  );
});
