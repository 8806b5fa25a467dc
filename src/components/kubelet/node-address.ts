// The address that a node registers with: the one from which it reaches its control plane. kubelet's own choice needs a
// default route or a host name that resolves; this one needs neither.

import { resolveHost } from "../../os/addresses.ts";
import { ipFamily, withoutBrackets } from "../../std/ip.ts";

/** Asks the routing table; no packet is sent. Undefined when there is no route. */
export async function addressTowards(host: string): Promise<string | undefined> {
  const [address] = await resolveHost(withoutBrackets(host));
  if (address === undefined) return undefined;
  try {
    // Without an address of its own it would be a socket of IPv4.
    const own = ipFamily(address) === 6 ? { hostname: "::" } : {};
    const socket = await Bun.udpSocket({ ...own, connect: { hostname: address, port: 9 } });
    try {
      return socket.address.address;
    } finally {
      socket.close();
    }
  } catch {
    // No route: kubelet's own search may know better, and says so if not.
    return undefined;
  }
}
