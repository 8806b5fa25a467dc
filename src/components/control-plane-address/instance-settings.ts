// What each configured instance means on this host: its interface, its own address, its number. Pure.
// Upstream: pkg/apis/k0s/v1beta1/cplb.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { UserError } from "../../std/errors.ts";
import type { VirtualRouterSettings } from "./virtual-router.ts";

type Instance =
  ClusterConfig["spec"]["network"]["controlPlaneLoadBalancing"]["keepalived"]["vrrpInstances"][number];

export interface HostLink {
  readonly name: string;
  readonly hardwareAddress: string;
  /** IPv4 only, in the kernel's order. */
  readonly addresses: readonly string[];
}

export interface VrrpHost {
  readonly links: readonly HostLink[];
  /** Where the default route leads. */
  readonly defaultLink: string | undefined;
}

/** The same everywhere: one that comes back must not take the addresses from one that holds them. */
const priority = 200;
const firstRouterId = 51;

export function instanceSettings(
  instances: readonly Instance[],
  apiAddress: string,
  host: VrrpHost,
): VirtualRouterSettings[] {
  return instances.map((instance, index) => {
    const path = `spec.network.controlPlaneLoadBalancing.keepalived.vrrpInstances[${index}]`;
    const link = linkOf(instance, apiAddress, host, path);
    const own = link.addresses.filter((address) => !isVirtual(address, instances));
    const address = instance.unicastSourceIP ?? own.find((one) => one === apiAddress) ?? own[0];
    if (address === undefined)
      throw new UserError(`${path}.interface: ${link.name} has no IPv4 address`, {
        hint: "VRRP speaks from the address of its interface: choose one that has one.",
      });
    return {
      interface: link.name,
      address,
      virtualRouterId: instance.virtualRouterID ?? firstRouterId + index,
      priority,
      intervalSeconds: instance.advertIntervalSeconds,
      password: instance.authPass,
      virtualIps: instance.virtualIPs,
      unicastPeers: instance.unicastPeers,
    };
  });
}

/** By name or hardware address; without either that of the default route, or of the API's address. */
function linkOf(instance: Instance, apiAddress: string, host: VrrpHost, path: string): HostLink {
  const wanted = instance.interface;
  const { links, defaultLink } = host;
  if (wanted === undefined) {
    const found =
      links.find(({ name }) => name === defaultLink) ??
      links.find(({ addresses }) => addresses.includes(apiAddress));
    if (found !== undefined) return found;
    throw new UserError(`${path}: this host has no default route that would name an interface`, {
      hint: `Name one: ${path}.interface`,
    });
  }
  const found = links.find(
    ({ name, hardwareAddress }) => name === wanted || hardwareAddress === wanted.toLowerCase(),
  );
  if (found !== undefined) return found;
  const names = links.map(({ name, hardwareAddress }) => `${name} (${hardwareAddress})`).join(", ");
  throw new UserError(`${path}.interface: ${JSON.stringify(wanted)} is no interface of this host`, {
    hint: `It has ${names}.`,
    code: "no-interface",
  });
}

function isVirtual(address: string, instances: readonly Instance[]): boolean {
  return instances.some(({ virtualIPs }) => virtualIPs.some((cidr) => cidr.replace(/\/.*/, "") === address));
}
