// Which destinations the kernel has no route to. A host without a default route drops packets to a Service before the
// service proxy sees them, and does not answer pods that ask for Calico's gateway: docs/adr/0030.

import { type Cidr, cidrFamily, parseCidr } from "../../std/cidr.ts";
import { numberToIp } from "../../std/ip.ts";

/** The gateway of every pod of Calico; the host answers for it only if it has a route to it. */
const calicoGateway = "169.254.1.1/32";

/** IPv4 networks that a node needs a route to, wherever it leads. */
export function routedNetworks(provider: string, services: readonly string[]): string[] {
  const ipv4 = services.filter((cidr) => cidrFamily(cidr) === 4);
  return provider === "calico" && ipv4.length > 0 ? [...ipv4, calicoGateway] : ipv4;
}

/** `table` is the text of /proc/net/route, `wanted` are IPv4 networks. */
export function missingRoutes(table: string, wanted: readonly string[]): string[] {
  const present = routes(table);
  return wanted.filter((text) => {
    const { start, end } = parseCidr(text);
    return !present.some((route) => route.start <= start && end <= route.end);
  });
}

const rejecting = 0x200; // RTF_REJECT

function routes(table: string): Cidr[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination = "", , flags = "", , , , mask = ""] = line.split("\t");
      if (mask === "" || (Number.parseInt(flags, 16) & rejecting) !== 0) return [];
      return [parseCidr(`${address(destination)}/${prefixLength(mask)}`)];
    });
}

/** Eight hex digits: a number in network order as a little-endian machine reads it. */
function littleEndian(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function address(hex: string): string {
  return numberToIp(BigInt(littleEndian(hex)), 4);
}

function prefixLength(mask: string): number {
  return 32 - Math.log2(2 ** 32 - littleEndian(mask));
}
