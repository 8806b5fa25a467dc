// The bridge of test machines has IPv4 addresses only: each gets an IPv6 address here, and the route to Services that hosts usually have by
// their default route.

import type { TestMachine } from "./test-machine.ts";

export const podNetworks = { IPv4: "10.244.0.0/16", IPv6: "fd00:244::/108" } as const;
export const serviceNetworks = { IPv4: "10.96.0.0/12", IPv6: "fd01::/108" } as const;

export function ipv6Of(machine: TestMachine): string {
  return `fd00:c8::${machine.address.split(".").at(-1)}`;
}

export async function addIpv6(machine: TestMachine): Promise<void> {
  await machine.ok(["ip", "address", "add", `${ipv6Of(machine)}/64`, "dev", "eth0", "nodad"]);
  await machine.ok(["ip", "route", "add", serviceNetworks.IPv6, "dev", "eth0"]);
}
