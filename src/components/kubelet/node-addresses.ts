// The addresses that a node registers with in a cluster of two families. Upstream: pkg/component/worker/kubelet.go
// (node-ip).

import { type HostAddress, isLinkLocal, isOurInterface } from "../../os/addresses.ts";
import { UserError } from "../../std/errors.ts";
import { ipFamily } from "../../std/ip.ts";

export interface NodeAddressInput {
  /** The one address that is known already. */
  readonly address: string;
  readonly dualStack: boolean;
  readonly primaryFamily: "IPv4" | "IPv6";
  readonly hostAddresses: readonly HostAddress[];
}

/** The value of kubelet's `--node-ip`: with two families one address of each, the primary family's first. */
export function nodeIpFlag({ address, dualStack, primaryFamily, hostAddresses }: NodeAddressInput): string {
  if (!dualStack) return address;
  const family = ipFamily(address) ?? 4;
  const other = otherAddress(address, family === 4 ? 6 : 4, hostAddresses);
  if (other === undefined) {
    const missing = family === 4 ? "IPv6" : "IPv4";
    throw new UserError(`the cluster has two address families, but this host has no ${missing} address`, {
      hint: `Give it one that the other nodes can reach, or name both with --kubelet-extra-args=--node-ip=….`,
      code: "no-second-address",
    });
  }
  return (family === 6) === (primaryFamily === "IPv6") ? `${address},${other}` : `${other},${address}`;
}

/** On the same interface if there is one, else anywhere. */
function otherAddress(
  address: string,
  family: 4 | 6,
  hostAddresses: readonly HostAddress[],
): string | undefined {
  const home = hostAddresses.find((one) => one.address === address)?.interface;
  const usable = hostAddresses.filter(
    (one) =>
      one.family === family && !one.loopback && !isOurInterface(one.interface) && !isLinkLocal(one.address),
  );
  return (usable.find((one) => one.interface === home) ?? usable[0])?.address;
}
