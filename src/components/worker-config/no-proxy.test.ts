import { expect, test } from "bun:test";
import { workerNoProxy } from "./no-proxy.ts";
import { parseWorkerSettings } from "./schema.ts";

const settings = parseWorkerSettings(
  {
    apiServerAddresses: '["10.0.0.1:6443","[fd00::1]:6443","api.example:6443"]',
    kubeletConfiguration: '{"clusterDomain":"corp.local"}',
    konnectivity: '{"enabled":true,"agentPort":8132}',
    pauseImage: '{"image":"pause","version":"1"}',
    serviceCIDRs: '["10.96.0.0/12","fd01::/108"]',
    kubeProxyConfiguration:
      '{"metricsBindAddress":"0.0.0.0:10249","healthzBindAddress":"0.0.0.0:10256","clusterCIDR":"10.244.0.0/16,fd02::/48"}',
  },
  "test",
);

test("the node, the controllers, both networks and the cluster's domain are excepted, each once", () => {
  const list = workerNoProxy({
    settings,
    apiHosts: ["lb.example", "10.0.0.1"],
    hostAddresses: ["127.0.0.1", "10.0.0.7"],
    nodeName: "w1",
  });
  expect(list).toEqual([
    "w1",
    "127.0.0.1",
    "10.0.0.7",
    "lb.example",
    "10.0.0.1",
    "fd00::1",
    "api.example",
    "10.244.0.0/16",
    "fd02::/48",
    "10.96.0.0/12",
    "fd01::/108",
    ".corp.local",
  ]);
});
