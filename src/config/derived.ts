// What follows from a configuration: addresses, URLs, networks in order of family, feature gates.
// Upstream: pkg/apis/k0s/v1beta1/api.go, pkg/apis/k0s/v1beta1/network.go.

import { contains, nthAddress, parseCidr } from "../std/cidr.ts";
import { ipFamily, joinHostPort, normalizeIp } from "../std/ip.ts";
import type { ClusterFields } from "./changing-fields.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import type { NodeConfig } from "./fixed-fields.ts";
import { isSharedDataSource } from "./data-source.ts";
import type { gatedComponents } from "./schema/feature-gates.ts";
import { type HostPort, parseHostPort } from "./schema/names.ts";

export type GatedComponent = (typeof gatedComponents)[number];
export type AddressFamily = "IPv4" | "IPv6";

/** The family whose networks come first in every list. */
export function primaryAddressFamily(config: NodeConfig): AddressFamily {
  const { api, network } = config.spec;
  if (network.primaryAddressFamily !== undefined) return network.primaryAddressFamily;
  const host = externalHost(config)?.host ?? api.address;
  return ipFamily(host) === 6 ? "IPv6" : "IPv4";
}

/** Pod networks, the primary family's first. */
export function podCidrs(config: NodeConfig): string[] {
  const { podCIDR, dualStack } = config.spec.network;
  return inOrder(config, podCIDR, dualStack.enabled ? dualStack.IPv6podCIDR : undefined);
}

/** Service networks, the primary family's first. */
export function serviceCidrs(config: NodeConfig): string[] {
  const { serviceCIDR, dualStack } = config.spec.network;
  return inOrder(config, serviceCIDR, dualStack.enabled ? dualStack.IPv6serviceCIDR : undefined);
}

/** The prefix of a node's share of a pod network, by family; upstream's. */
export const nodeCidrMasks = { v4: 24, v6: 117 } as const;

export interface ClusterCidrs {
  readonly pods: readonly string[];
  readonly services: readonly string[];
}

export function clusterCidrs(config: NodeConfig): ClusterCidrs {
  return { pods: podCidrs(config), services: serviceCidrs(config) };
}

/** Cluster IP of the DNS service. Throws when the service network has no room for it. */
export function dnsAddress(config: NodeConfig): string {
  const { serviceCIDR, dualStack } = config.spec.network;
  const useIPv6 = dualStack.enabled && primaryAddressFamily(config) === "IPv6";
  return dnsAddressIn(useIPv6 ? (dualStack.IPv6serviceCIDR ?? serviceCIDR) : serviceCIDR);
}

/** Of the cache of names on each node; undefined while there is none. */
export function nodeLocalDnsAddress(
  config: NodeConfig & ClusterFields<"network.nodeLocalDNS">,
): string | undefined {
  const { enabled, address } = config.spec.network.nodeLocalDNS;
  if (!enabled) return undefined;
  return address ?? (primaryAddressFamily(config) === "IPv6" ? "fd53::53" : "169.254.20.10");
}

/** Where pods ask for names: the cluster's DNS answers while the cache of the node does not. */
export function podNameservers(config: NodeConfig & ClusterFields<"network.nodeLocalDNS">): string[] {
  const local = nodeLocalDnsAddress(config);
  return [...(local === undefined ? [] : [local]), dnsAddress(config)];
}

/** The tenth address of a service network, the second one of a tiny network. */
export function dnsAddressIn(serviceCidr: string): string {
  const cidr = parseCidr(serviceCidr);
  const hostBits = (cidr.family === 4 ? 32 : 128) - cidr.prefix;
  const address = nthAddress(cidr, hostBits <= 3 ? 2 : 10);
  if (!contains(cidr, address)) throw new RangeError(`${serviceCidr} has no room for the DNS service`);
  return address;
}

/** Cluster IPs of `default/kubernetes`, one for each service network. */
export function kubernetesServiceAddresses(config: NodeConfig): string[] {
  return serviceCidrs(config).map((cidr) => nthAddress(cidr, 1));
}

/** How processes on this controller reach its API server. */
export function localApiUrl(config: NodeConfig): string {
  const { address, onlyBindToAddress, port } = config.spec.api;
  return `https://${joinHostPort(onlyBindToAddress ? address : "localhost", port)}`;
}

/** How everybody else reaches the API: through the external address if there is one. */
export function externalApiUrl(config: NodeConfig): string {
  const external = externalHost(config);
  const { address, port } = config.spec.api;
  return `https://${joinHostPort(external?.host ?? address, external?.port ?? port)}`;
}

export type NodeApiConfig = NodeConfig & ClusterFields<"network.nodeLocalLoadBalancing">;

/**
 * How what runs in the network of a node reaches the API without kube-proxy: through the balancer of the node where there is one,
 * since an address is that of one controller, which may be down, and another one's says another.
 */
export function nodeApiUrl(config: NodeApiConfig): string {
  const ports = balancerPorts(config.spec.network.nodeLocalLoadBalancing);
  return ports === undefined ? externalApiUrl(config) : `https://localhost:${ports.apiServerBindPort}`;
}

/** On the loopback of each node; undefined where there is no balancer. */
export function balancerPorts({
  enabled,
  type,
  traefik,
  envoyProxy,
}: NodeApiConfig["spec"]["network"]["nodeLocalLoadBalancing"]):
  | { readonly apiServerBindPort: number; readonly konnectivityServerBindPort: number }
  | undefined {
  if (!enabled) return undefined;
  return type === "Traefik" ? traefik : envoyProxy;
}

/** By which a program in a pod finds the API at that address instead of its Service, which needs kube-proxy. */
export function externalApiEnvironment(config: NodeConfig): Record<string, string> {
  return apiEnvironment(externalApiUrl(config));
}

/** The same for one in the network of its node. */
export function nodeApiEnvironment(config: NodeApiConfig): Record<string, string> {
  return apiEnvironment(nodeApiUrl(config));
}

/** The address by which nodes find the API is that of one of several controllers: each leader would name its own. */
export function namesOneController(config: NodeApiConfig): boolean {
  const { network } = config.spec;
  const elsewhere = balancerPorts(network.nodeLocalLoadBalancing) ?? externalHost(config);
  return elsewhere === undefined && isStorageJoinable(config);
}

function apiEnvironment(url: string): Record<string, string> {
  const { hostname, port } = new URL(url);
  return {
    KUBERNETES_SERVICE_HOST: hostname.replaceAll(/[[\]]/g, ""),
    // The port of a URL is empty where it is the scheme's own.
    KUBERNETES_SERVICE_PORT: port === "" ? "443" : port,
  };
}

/** How controllers that want to join reach the join API. */
export function joinApiUrl(config: NodeConfig): string {
  const external = externalHost(config);
  const { address, k0sApiPort } = config.spec.api;
  return `https://${joinHostPort(external?.host ?? address, external?.port ?? k0sApiPort)}`;
}

/** Addresses, networks and names of the cluster, as NO_PROXY lists them; docs/adr/0046. */
export function clusterNoProxy(config: NodeConfig): string[] {
  const { address, sans } = config.spec.api;
  const external = externalHost(config)?.host ?? [];
  const { clusterDomain } = config.spec.network;
  return [address, external, sans, podCidrs(config), serviceCidrs(config), `.${clusterDomain}`].flat();
}

/** `spec.api.externalAddress`, split; undefined when not set. */
export function externalHost(config: NodeConfig): HostPort | undefined {
  const { externalAddress } = config.spec.api;
  return externalAddress === undefined ? undefined : parseHostPort(externalAddress);
}

export interface HostNames {
  /** Every address of every interface, and what `localhost` and the host name resolve to. */
  readonly addresses: readonly string[];
}

/** Subject alternative names of `server` and `k0s-api`, without repetition. Upstream: cmd/controller/certificates.go. */
export function apiServerSans(config: NodeConfig, host: HostNames = { addresses: [] }): string[] {
  const { api, network } = config.spec;
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const qualified = `kubernetes.default.svc.${network.clusterDomain}`;
  const balancer = network.controlPlaneLoadBalancing;
  const virtualIps = balancer.enabled
    ? balancer.keepalived.vrrpInstances.flatMap(({ virtualIPs }) => virtualIPs)
    : [];
  const external = externalHost(config);
  const all = [
    ...service,
    qualified,
    ...[...service, qualified].map((name) => `${name}.`),
    "localhost",
    "127.0.0.1",
    ...(external === undefined ? [] : [external.host]),
    api.address,
    ...api.sans,
    ...host.addresses,
    ...virtualIps.map((address) => address.replace(/\/.*/, "")),
    ...kubernetesServiceAddresses(config),
  ];
  return [...new Set(all.map(normalizeIp))];
}

/** Feature gates of one component, later entries winning. */
export function featureGatesFor(
  config: ClusterFields<"featureGates">,
  component: GatedComponent,
): Record<string, boolean> {
  const gates = config.spec.featureGates.filter(({ components }) => components.includes(component));
  return Object.fromEntries(gates.map(({ name, enabled }) => [name, enabled]));
}

/** The same as `Name=true`, for `--feature-gates`. */
export function featureGateFlags(config: ClusterFields<"featureGates">, component: GatedComponent): string[] {
  return Object.entries(featureGatesFor(config, component)).map(([name, enabled]) => `${name}=${enabled}`);
}

export type ExternalEtcd = NonNullable<ClusterConfig["spec"]["storage"]["etcd"]["externalCluster"]>;

/** The etcd cluster of somebody else, where that is the datastore. */
export function externalEtcdOf({ spec: { storage } }: NodeConfig): ExternalEtcd | undefined {
  return storage.type === "etcd" ? storage.etcd.externalCluster : undefined;
}

/** Whether k0s runs etcd, and makes its certificates. */
export function isEtcdManaged(config: NodeConfig): boolean {
  return config.spec.storage.type === "etcd" && externalEtcdOf(config) === undefined;
}

/** Whether other controllers can join a cluster with this storage. Upstream: pkg/apis/k0s/v1beta1/storage.go. */
export function isStorageJoinable(config: NodeConfig): boolean {
  const { type, kine } = config.spec.storage;
  if (type === "etcd") return true;
  return isSharedDataSource(kine.dataSource);
}

function inOrder(config: NodeConfig, first: string, ipv6: string | undefined): string[] {
  if (ipv6 === undefined) return [first];
  return primaryAddressFamily(config) === "IPv6" ? [ipv6, first] : [first, ipv6];
}
