import { expect, test } from "bun:test";
import type { HostAddress } from "../../os/addresses.ts";
import { addressTowards } from "./node-address.ts";
import { nodeIpFlag } from "./node-addresses.ts";

const host = (name: string, address: string): HostAddress => ({
  interface: name,
  address,
  family: address.includes(":") ? 6 : 4,
  loopback: name === "lo",
  hardwareAddress: "02:00:00:00:00:01",
});
const hostAddresses = [
  host("lo", "::1"),
  host("eth1", "fd00:1::9"),
  host("eth0", "10.0.0.5"),
  host("eth0", "fe80::1"),
  host("eth0", "fd00::5"),
  host("kube-bridge", "fd00:244::1"),
];
const asked = { address: "10.0.0.5", hostAddresses, primaryFamily: "IPv4" } as const;

test("one family: the address as it is", () => {
  expect(nodeIpFlag({ ...asked, dualStack: false })).toBe("10.0.0.5");
});

test("two families: the other address of the same interface, primary first", () => {
  expect(nodeIpFlag({ ...asked, dualStack: true })).toBe("10.0.0.5,fd00::5");
  expect(nodeIpFlag({ ...asked, dualStack: true, primaryFamily: "IPv6" })).toBe("fd00::5,10.0.0.5");
});

test("a host without the second family cannot be a node of such a cluster", () => {
  const only = [host("eth0", "10.0.0.5"), host("eth0", "fe80::1")];
  expect(() => nodeIpFlag({ ...asked, dualStack: true, hostAddresses: only })).toThrow(
    "this host has no IPv6 address",
  );
});

test("the address towards the control plane, in either family", async () => {
  expect(await addressTowards("127.0.0.1")).toBe("127.0.0.1");
  expect(await addressTowards("[::1]")).toBe("::1");
});
