// Pod and service networks: one family, no overlap, room for what lies in them.
// Upstream: pkg/apis/k0s/v1beta1/network.go.

import { cidrFamily, cidrsOverlap, contains, hostBits, parseCidr } from "../../std/cidr.ts";
import { ipFamily } from "../../std/ip.ts";
import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import { isEtcdManaged, nodeCidrMasks } from "../derived.ts";
import type { ConfigProblem } from "../problem.ts";
import type { NodeDefaults } from "../schema/node-defaults.ts";

const at = (...path: string[]): YamlPath => ["spec", "network", ...path];
const pods = at("podCIDR");
const services = at("serviceCIDR");
const pods6 = at("dualStack", "IPv6podCIDR");
const services6 = at("dualStack", "IPv6serviceCIDR");

export function networkRule(config: ClusterConfig, { clusterExists = false }: NodeDefaults): ConfigProblem[] {
  const { network } = config.spec;
  const { podCIDR, serviceCIDR } = network;
  return [
    ...(network.dualStack.enabled ? dualStack(config) : sameFamily(podCIDR, serviceCIDR)),
    ...overlap(pods, podCIDR, "serviceCIDR", services, serviceCIDR),
    ...serviceRoom(services, serviceCIDR),
    ...podRoom(config),
    ...primaryFamily(config),
    ...(clusterExists ? [] : hostOutside(config)),
  ];
}

const ownAddresses: readonly YamlPath[] = [
  ["spec", "api", "address"],
  ["spec", "storage", "etcd", "peerAddress"],
];

/** A host in the network of services or pods would not be reached by those who look for it there. */
export function hostOutside(config: ClusterConfig): ConfigProblem[] {
  const { api, network, storage } = config.spec;
  const { IPv6podCIDR, IPv6serviceCIDR, enabled } = network.dualStack;
  // Another provider may give pods addresses of the hosts' own network.
  const ofPods = network.provider !== "custom";
  const ranges: readonly (readonly [boolean, YamlPath, string | undefined])[] = [
    [ofPods, pods, network.podCIDR],
    [true, services, network.serviceCIDR],
    [ofPods && enabled, pods6, IPv6podCIDR],
    [enabled, services6, IPv6serviceCIDR],
  ];
  const own = isEtcdManaged(config) ? [api.address, storage.etcd.peerAddress] : [api.address];
  return ranges.flatMap(([used, path, cidr]) => {
    const inside = used && cidr !== undefined ? own.find((address) => contains(cidr, address)) : undefined;
    if (inside === undefined) return [];
    const message = `${JSON.stringify(cidr)} holds ${inside}, an address of this host; use a range outside of its networks`;
    return [{ path, involves: ownAddresses, message }];
  });
}

/** kube-apiserver refuses to advertise an address of another family than its first service network. */
function primaryFamily({ spec: { api, network } }: ClusterConfig): ConfigProblem[] {
  const wanted = network.primaryAddressFamily;
  const family = ipFamily(api.address) === 6 ? "IPv6" : "IPv4";
  if (wanted === undefined || wanted === family) return [];
  const message = `${wanted} needs an ${wanted} address in spec.api.address; ${JSON.stringify(api.address)} is none`;
  return [{ path: at("primaryAddressFamily"), involves: [["spec", "api", "address"]], message }];
}

function sameFamily(podCIDR: string, serviceCIDR: string): ConfigProblem[] {
  if (cidrFamily(podCIDR) === cidrFamily(serviceCIDR)) return [];
  const message = `${JSON.stringify(podCIDR)} is not of the same address family as serviceCIDR ${serviceCIDR}`;
  return [{ path: pods, involves: [services], message }];
}

function dualStack({ spec: { network } }: ClusterConfig): ConfigProblem[] {
  const { podCIDR, serviceCIDR } = network;
  const { IPv6podCIDR, IPv6serviceCIDR } = network.dualStack;
  const problems = [...ofFamily(pods, podCIDR, 4), ...ofFamily(services, serviceCIDR, 4)];
  if (IPv6podCIDR === undefined) problems.push({ path: pods6, message: "is required for dual stack" });
  else problems.push(...ofFamily(pods6, IPv6podCIDR, 6));
  if (IPv6serviceCIDR === undefined)
    problems.push({ path: services6, message: "is required for dual stack" });
  else problems.push(...ofFamily(services6, IPv6serviceCIDR, 6), ...serviceRoom(services6, IPv6serviceCIDR));
  if (IPv6podCIDR !== undefined && IPv6serviceCIDR !== undefined) {
    problems.push(...overlap(pods6, IPv6podCIDR, "IPv6serviceCIDR", services6, IPv6serviceCIDR));
  }
  return problems;
}

function ofFamily(path: YamlPath, cidr: string, family: 4 | 6): ConfigProblem[] {
  if (cidrFamily(cidr) === family) return [];
  return [{ path, message: `${JSON.stringify(cidr)} must be an IPv${family} network with dual stack` }];
}

function overlap(
  path: YamlPath,
  cidr: string,
  otherName: string,
  other: YamlPath,
  otherCidr: string,
): ConfigProblem[] {
  if (!cidrsOverlap(cidr, otherCidr)) return [];
  const message = `${JSON.stringify(cidr)} overlaps ${otherName} ${otherCidr}; use a range outside of it`;
  return [{ path, involves: [other], message }];
}

/** kube-apiserver wants eight addresses at least; in IPv6 upstream refuses ranges that are small for no reason. */
function serviceRoom(path: YamlPath, cidr: string): ConfigProblem[] {
  const shown = JSON.stringify(cidr);
  if (hostBits(cidr) < 3)
    return [{ path, message: `${shown} is too small; a prefix of at most ${prefixFor(cidr, 3)}` }];
  const { family, prefix } = parseCidr(cidr);
  if (family === 4 || prefix <= 108) return [];
  return [{ path, message: `${shown} is too small; an IPv6 service network has a prefix of at most 108` }];
}

/** Every node gets a /24 (IPv6: /117) of the pod network, unless the user gives the mask to kube-controller-manager. */
function podRoom({ spec: { network, controllerManager } }: ClusterConfig): ConfigProblem[] {
  const flags = Object.keys(controllerManager.extraArgs);
  if (flags.some((flag) => flag.startsWith("node-cidr-mask-size"))) return [];
  const { enabled, IPv6podCIDR } = network.dualStack;
  return [
    ...sharesOf(pods, network.podCIDR),
    ...(enabled && IPv6podCIDR !== undefined ? sharesOf(pods6, IPv6podCIDR) : []),
  ];
}

/** kube-controller-manager counts the shares with sixteen bits at most. */
function sharesOf(path: YamlPath, cidr: string): ConfigProblem[] {
  const { family, prefix } = parseCidr(cidr);
  const mask = family === 4 ? nodeCidrMasks.v4 : nodeCidrMasks.v6;
  const involves = [["spec", "controllerManager", "extraArgs"]];
  const shown = JSON.stringify(cidr);
  if (prefix > mask)
    return [{ path, involves, message: `${shown} is too small; every node needs a /${mask} of it` }];
  if (family === 4 || mask - prefix <= 16) return [];
  const message = `${shown} is too large to be dealt out in shares of /${mask}; a prefix from ${mask - 16} to ${mask}`;
  return [{ path, involves, message }];
}

function prefixFor(cidr: string, bits: number): number {
  return (cidrFamily(cidr) === 4 ? 32 : 128) - bits;
}
