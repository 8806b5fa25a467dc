// Gives a machine another IPv4 address in the same network, as when a host gets another one while it is off.

import type { TestMachine } from "./test-machine.ts";

interface Link {
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

export async function changeAddress(machine: TestMachine, address: string): Promise<void> {
  const [link] = JSON.parse(
    await machine.ok(["ip", "-json", "-4", "address", "show", "dev", "eth0"]),
  ) as readonly Link[];
  const present = link?.addr_info[0];
  if (present === undefined) throw new Error(`${machine.name} has no address`);
  const route = (await machine.ok(["ip", "route", "show", "default"])).trim();
  const prefix = String(present.prefixlen);
  await machine.ok(["ip", "address", "add", `${address}/${prefix}`, "dev", "eth0"]);
  await machine.ok(["ip", "address", "del", `${present.local}/${prefix}`, "dev", "eth0"]);
  // The second address of a network goes with the first one unless it is promoted.
  await machine.ok(["ip", "address", "replace", `${address}/${prefix}`, "dev", "eth0"]);
  if (route !== "") await machine.ok(["ip", "route", "replace", ...route.split(/\s+/)]);
}
