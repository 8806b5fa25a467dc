import { expect, test } from "bun:test";
import { parseClusterConfig } from "./load.ts";
import { newWarnings, warningText } from "./warnings.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };
const strict = { ...node, onlySupported: { featureGates: {} } };
const warned = (spec: string): string[] =>
  parseClusterConfig(`spec: {${spec}}`, strict).warnings.map(warningText);

const balanced = (instance: string): string =>
  `network: {controlPlaneLoadBalancing: {enabled: true, type: Keepalived, keepalived: {vrrpInstances: [{virtualIPs: [10.0.0.9/24], authPass: a, ${instance}}]}}}`;
const instance = "spec.network.controlPlaneLoadBalancing.keepalived.vrrpInstances[0]";
const kubeRouter = (fields: string): string => `network: {provider: kuberouter, kuberouter: {${fields}}}`;
const nodeLocal = (fields: string): string => `network: {nodeLocalLoadBalancing: {${fields}}}`;

const cases: readonly (readonly [string, string])[] = [
  [
    kubeRouter("mtu: 1400"),
    "spec.network.kuberouter.mtu: 1400 is not used: with autoMTU kube-router finds the MTU out; for this one set autoMTU: false",
  ],
  [
    kubeRouter("hairpinMode: false"),
    "spec.network.kuberouter.hairpinMode: false is not used: hairpin has taken its place, and is Enabled",
  ],
  [
    kubeRouter("hairpinMode: true, hairpin: Disabled"),
    "spec.network.kuberouter.hairpinMode: true is not used: hairpin has taken its place, and is Disabled",
  ],
  ...(["envoyProxy", "traefik"] as const).map(
    (kind) =>
      [
        nodeLocal(`enabled: true, ${kind}: {imagePullPolicy: Always}`),
        `spec.network.nodeLocalLoadBalancing.${kind}.imagePullPolicy: Always is not used: nothing is pulled, the load balancer is part of k0s`,
      ] as const,
  ),
  [
    balanced("addressLabel: 7"),
    `${instance}.addressLabel: 7 is not used: k0s itself sets the address, without a label`,
  ],
  ...Object.entries({
    etcdUser: "etcd",
    kineUser: "kube-apiserver",
    konnectivityUser: "konnectivity-server",
    kubeAPIserverUser: "kube-apiserver",
    kubeSchedulerUser: "kube-scheduler",
  }).map(
    ([name, fixed]) =>
      [
        `installConfig: {users: {${name}: somebody}}`,
        `spec.installConfig.users.${name}: "somebody" is not used: users of the control plane have fixed names, this one is ${fixed}`,
      ] as const,
  ),
];

test.each(cases)("taken with a warning: %s", (spec, text) => {
  expect(warned(spec)).toEqual([text]);
});

test.each([
  "",
  kubeRouter("autoMTU: false, mtu: 1400"),
  kubeRouter("hairpinMode: true"),
  kubeRouter("hairpinMode: false, hairpin: Disabled"),
  "network: {provider: calico, kuberouter: {mtu: 1400, hairpinMode: false}}",
  nodeLocal("enabled: false, traefik: {imagePullPolicy: Always}"),
  balanced("addressLabel: 10000"),
  "installConfig: {users: {etcdUser: etcd, kineUser: kube-apiserver}}",
])("no warning: %s", (spec) => {
  expect(warned(spec)).toEqual([]);
});

test("a warning has its place in the file", () => {
  const text = "spec:\n  installConfig:\n    users:\n      etcdUser: somebody\n";
  expect(parseClusterConfig(text, node).warnings).toMatchObject([
    { path: ["spec", "installConfig", "users", "etcdUser"], place: "k0s.yaml:4:17" },
  ]);
});

test("a changed configuration adds what the one before did not say", () => {
  const config = (fields: string) => parseClusterConfig(`spec: {${kubeRouter(fields)}}`, node).config;
  const [one, both] = [config("mtu: 1400"), config("mtu: 1400, hairpinMode: false")];
  expect(newWarnings(one, one)).toEqual([]);
  expect(newWarnings(one, both).map(({ path }) => path.at(-1))).toEqual(["hairpinMode"]);
});
