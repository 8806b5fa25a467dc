import { expect, test } from "bun:test";
import { address, everyRole, outcome, remedy } from "./testdata/made-host.ts";

const lyingIn = (text: string, name?: string) => ({ addresses: () => [address(text, name)] });

test("a network of the host that pods or services are to have", async () => {
  expect(await outcome("network:overlap")).toBe("pass 10.0.0.0/24");
  expect(await outcome("network:overlap", lyingIn("10.100.1.2/16"))).toBe(
    "warning eth0 10.100.1.2/16 overlaps 10.96.0.0/12, the network of services",
  );
  expect(await remedy("network:overlap", lyingIn("10.244.0.1/24", "cni1"))).toContain(
    "spec.network.podCIDR in k0s.yaml",
  );
});

test("links of the cluster's own network do not count", async () => {
  expect(await outcome("network:overlap", lyingIn("10.244.0.1/24", "kube-bridge"))).toBe("pass none");
});

test("IPv6 is missed by clusters of two families alone", async () => {
  const networks = { ...everyRole.networks, dualStack: true };
  const dualStack = { ...everyRole, networks };
  const off = { files: { "/proc/sys/net/ipv6/conf/all/disable_ipv6": "1\n" } };
  expect(await outcome("ipv6", off)).toBe("pass off");
  expect(await outcome("ipv6", off, dualStack)).toStartWith("warning  off");
  expect(await outcome("ipv6", {}, dualStack)).toStartWith("warning  no address");
  expect(await outcome("ipv6", lyingIn("fe80::1/64"), dualStack)).toStartWith("warning");
  expect(await outcome("ipv6", lyingIn("2001:db8::5/64"), dualStack)).toBe("pass on");
});
