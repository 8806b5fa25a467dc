import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { instanceSettings, type VrrpHost } from "./instance-settings.ts";
import { defaultLink } from "./virtual-ips.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.5" };
const host: VrrpHost = {
  links: [
    { name: "eth0", hardwareAddress: "02:00:00:00:00:01", addresses: ["10.0.0.9", "10.0.0.5"] },
    { name: "eth1", hardwareAddress: "02:00:00:00:00:02", addresses: ["10.1.0.5"] },
    { name: "eth2", hardwareAddress: "02:00:00:00:00:03", addresses: [] },
  ],
  defaultLink: "eth1",
};

function settings(instances: string, on: VrrpHost = host) {
  const text = `spec: {network: {controlPlaneLoadBalancing: {enabled: true, keepalived: {vrrpInstances: [${instances}]}}}}`;
  const { keepalived } = parseClusterConfig(text, node).config.spec.network.controlPlaneLoadBalancing;
  return instanceSettings(keepalived.vrrpInstances, "10.0.0.5", on);
}

test("defaults: the interface of the default route, numbers in a row, multicast, equal priority", () => {
  const two = settings("{virtualIPs: [10.1.0.9/24], authPass: a}, {virtualIPs: [10.1.0.8/24], authPass: b}");
  expect(two).toMatchObject([
    { interface: "eth1", address: "10.1.0.5", virtualRouterId: 51, priority: 200, unicastPeers: [] },
    { interface: "eth1", virtualRouterId: 52, intervalSeconds: 1 },
  ]);
});

test("without a default route the interface of the API's address; a left-over virtual address is not its own", () => {
  const [one] = settings("{virtualIPs: [10.0.0.9/24], authPass: a}", { ...host, defaultLink: undefined });
  expect(one).toMatchObject({ interface: "eth0", address: "10.0.0.5" });
});

test("an interface by its hardware address; one that is not there is an error that lists those that are", () => {
  const [one] = settings("{virtualIPs: [10.0.0.9/24], authPass: a, interface: '02:00:00:00:00:01'}");
  expect(one?.interface).toBe("eth0");
  expect(() => settings("{virtualIPs: [10.0.0.9/24], authPass: a, interface: ens3}")).toThrow(
    'vrrpInstances[0].interface: "ens3" is no interface of this host',
  );
  expect(() => settings("{virtualIPs: [10.0.0.9/24], authPass: a, interface: eth2}")).toThrow(
    "eth2 has no IPv4 address",
  );
});

test("the default route of /proc/net/route", () => {
  const table =
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t0000C80A\t0\t1\t0\t0\t0\t00FFFFFF\neth1\t00000000\t01\t3\t0\t0\t0\t00000000\n";
  expect(defaultLink(table)).toBe("eth1");
  expect(defaultLink("Iface\n")).toBeUndefined();
});

test("what an instance says itself", () => {
  const [one] = settings(
    "{virtualIPs: [10.1.0.9/24], authPass: word, interface: eth0, virtualRouterID: 7, advertIntervalSeconds: 3, unicastSourceIP: 10.0.0.5, unicastPeers: [10.0.0.6]}",
  );
  expect(one).toMatchObject({
    interface: "eth0",
    address: "10.0.0.5",
    virtualRouterId: 7,
    intervalSeconds: 3,
    password: "word",
    virtualIps: ["10.1.0.9/24"],
    unicastPeers: ["10.0.0.6"],
  });
});
