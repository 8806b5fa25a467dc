import { expect, test } from "bun:test";
import { parseClusterConfig } from "./load.ts";
import { unsupportedFeatures } from "./unsupported.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };

test("features that do not work yet are named, the others pass", () => {
  const asked = (spec: string) =>
    unsupportedFeatures(parseClusterConfig(`spec: {${spec}}`, node).config).map(({ path }) =>
      path.slice(1).join("."),
    );
  const keepalived = "network.controlPlaneLoadBalancing.keepalived";
  const balanced = (settings: string): string =>
    `network: {controlPlaneLoadBalancing: {enabled: true, keepalived: {${settings}}}}`;
  const works = [
    "",
    "network: {provider: kuberouter, calico: {mode: bird}}",
    "network: {provider: custom, kubeProxy: {disabled: true, mode: ipvs}}",
    "network: {provider: kuberouter, nodeLocalDNS: {enabled: true}}",
    "network: {kubeProxy: {mode: ipvs}, calico: {wireguard: true, overlay: CrossSubnet}}",
    "network: {provider: kuberouter, kuberouter: {autoMTU: false, mtu: 1400, hairpinMode: true}}",
    "storage: {type: kine}",
    "storage: {type: kine, kine: {dataSource: 'postgres://a'}}",
    "storage: {type: kine, kine: {dataSource: 'mysql://tcp(a)/'}}",
    "storage: {etcd: {externalCluster: {endpoints: ['https://a'], etcdPrefix: b}}}",
    "network: {dualStack: {enabled: true, IPv6podCIDR: 'fd00::/108', IPv6serviceCIDR: 'fd01::/108'}}",
    balanced("vrrpInstances: [{virtualIPs: [10.0.0.9/24], authPass: a}]"),
    "telemetry: {enabled: true}",
    "network: {provider: calico, calico: {flexVolumeDriverPath: /a}}",
    "extensions: {storage: {type: external_storage}}",
    "extensions: {storage: {create_default_storage_class: false}}",
    "network: {provider: kuberouter, kuberouter: {hairpinMode: true}}",
    "metricsServer: {patches: [{target: {kind: A, name: b}, patch: {type: JSON, content: '[]'}}]}",
    "network: {kubeProxy: {patches: [{target: {kind: DaemonSet, name: kube-proxy-windows}, patch: {type: JSON, content: '[]'}}]}}",
    "images: {repository: reg.example}",
    "konnectivity: {externalAddress: a, agentPort: 9132, adminPort: 9133}",
  ];
  expect(works.flatMap(asked)).toEqual([]);
  const missing: [string, string][] = [
    ["storage: {type: kine, kine: {dataSource: 'nats://a'}}", "storage.kine.dataSource"],
    ["network: {calico: {mode: ipip}}", "network.calico.mode"],
    ["network: {calico: {overlay: Never}}", "network.calico.overlay"],
    ["network: {provider: custom, nodeLocalDNS: {enabled: true}}", "network.nodeLocalDNS.enabled"],
    [balanced("virtualServers: [{ipAddress: 10.0.0.9}]"), `${keepalived}.virtualServers`],
    [balanced("configTemplateVRRP: /a"), `${keepalived}.configTemplateVRRP`],
    [
      balanced("vrrpInstances: [{virtualIPs: ['fd00::9/64'], authPass: a}]"),
      `${keepalived}.vrrpInstances.0.virtualIPs`,
    ],
    ["network: {podCIDR: 'fd00::/108', serviceCIDR: 'fd01::/108'}", "network.podCIDR"],
    [
      "network: {nodeLocalLoadBalancing: {enabled: true, envoyProxy: {image: {image: a, version: b}}}}",
      "network.nodeLocalLoadBalancing.envoyProxy.image",
    ],
    ["images: {kubeproxy: {image: a, version: b}}", "images.kubeproxy"],
    [
      "network: {kubeProxy: {patches: [{target: {kind: A, name: b}, patch: {type: JSON, content: '[]'}}]}}",
      "network.kubeProxy.patches",
    ],
    [
      "network: {kubeProxy: {patches: [{target: {kind: DaemonSet, name: kube-proxy-windows, namespace: default}, patch: {type: JSON, content: '[]'}}]}}",
      "network.kubeProxy.patches",
    ],
    ["extensions: {storage: {type: openebs_local_storage}}", "extensions.storage"],
  ];
  const { config } = parseClusterConfig(
    "spec: {network: {podCIDR: 'fd00::/108', serviceCIDR: 'fd01::/108'}}",
    node,
  );
  expect(unsupportedFeatures(config, { IPv6SingleStack: true })).toEqual([]);
  for (const [spec, path] of missing) expect(asked(spec)).toEqual([path]);
});

test("the error about them has their place, and stands beside the mistakes", () => {
  const spec = (lines: string) => `spec:\n  network:\n${lines}`;
  const bird = "    calico: {mode: bird}\n    provider: calico\n";
  const strict = { ...node, onlySupported: { featureGates: {} } };
  expect(() => parseClusterConfig(spec(bird), strict)).toThrow(
    "k0s.yaml:3:20  spec.network.calico.mode: mode bird needs Calico's own BGP daemon, which is not part of k0s; vxlan works without it",
  );
  expect(() => parseClusterConfig(spec(`${bird}    podCIDR: nonsense\n`), strict)).toThrow(
    /^the configuration has 2 problems:\nk0s\.yaml:3:20 .*calico\.mode.*\nk0s\.yaml:5:14 .*podCIDR/,
  );
  // A running cluster's configuration is read as it is.
  expect(parseClusterConfig(spec(bird), node).config.spec.network.calico.mode).toBe("bird");
});
