import { expect, test } from "bun:test";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { workerConfigData } from "./manifest.ts";
import { parseWorkerSettings, pauseImageOf } from "./settings.ts";

const config = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
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

test("what cannot be read is named", () => {
  expect(() => parseWorkerSettings({ ...data, pauseImage: "{" }, "the map")).toThrow(
    "the map cannot be read: pauseImage",
  );
  expect(() => parseWorkerSettings({}, "the map")).toThrow("kubeletConfiguration");
});
