// Addresses of this host: which one to advertise, and which ones belong in the server certificate.
// Upstream: internal/pkg/iface/iface.go.

import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { normalizeIp } from "../std/ip.ts";
import { passingAddresses } from "./passing-addresses.ts";

export interface HostAddress {
  readonly interface: string;
  readonly address: string;
  /** The address with the prefix of its network; undefined where the runtime does not know it. */
  readonly cidr?: string;
  readonly family: 4 | 6;
  readonly loopback: boolean;
  /** Lower-case, with colons. */
  readonly hardwareAddress: string;
}

/** Every address of every interface, in the kernel's order. */
export function hostAddresses(): readonly HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, cidr, family, internal, mac }) => ({
      interface: name,
      address: withoutZone(address),
      ...(cidr === null ? {} : { cidr: withoutZone(cidr) }),
      family: family === "IPv6" ? (6 as const) : (4 as const),
      loopback: internal,
      hardwareAddress: mac,
    })),
  );
}

/** The lasting addresses of this host: not a network provider's, and not one that the kernel will replace. */
export function lastingAddresses(
  addresses: readonly HostAddress[] = hostAddresses(),
  passing: ReadonlySet<string> = passingAddresses(),
): readonly HostAddress[] {
  return addresses.filter(
    ({ interface: name, address }) => !isOurInterface(name) && !passing.has(normalizeIp(address)),
  );
}

/**
 * The first IPv4 address of an interface that leads outside, else the first IPv6 one (one that lasts, if there is any),
 * else 127.0.0.1.
 */
export function publicAddress(
  addresses: readonly HostAddress[] = hostAddresses(),
  passing: ReadonlySet<string> = passingAddresses(),
): string {
  const usable = [...lastingAddresses(addresses, passing), ...addresses].filter(
    ({ loopback, interface: name, address }) => !loopback && !isOurInterface(name) && !isLinkLocal(address),
  );
  const chosen = usable.find(({ family }) => family === 4) ?? usable.find(({ family }) => family === 6);
  return chosen?.address ?? "127.0.0.1";
}

/** What a name resolves to; empty if it does not. */
export async function resolveHost(name: string): Promise<readonly string[]> {
  try {
    const found = await lookup(name, { all: true });
    return [...new Set(found.map(({ address }) => withoutZone(address)))];
  } catch {
    // A host name that does not resolve is common and does not stop a start.
    return [];
  }
}

/** Below the components, so that they cannot declare it; src/roles/folds/traces.test.ts compares it with what they leave. */
const ownInterfaces =
  /^(veth.*|cali.*|vxlan(-v6)?\.calico|wg-v6\.cali|wireguard\.cali|kube-bridge|kube-dummy-if|kube-ipvs0|dummyvip0|tun-[0-9a-f]{6,})$/;

/** Made by us or by a network provider: its addresses are not the host's. */
export function isOurInterface(name: string): boolean {
  return ownInterfaces.test(name);
}

/** Link-local addresses mean something on their own link only. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

function withoutZone(address: string): string {
  return address.replace(/%[^/]*/, "");
}
