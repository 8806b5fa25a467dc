// Whether the names that a node asks for are its own. Its Node object says so, but the addresses on it are written by the
// kubelet itself: so they must not be anybody else's either. docs/adr/0049-kubelet-serving-ca.md.

import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { apiServerSans, serviceCidrs } from "../../config/derived.ts";
import type { Node } from "../../kube/objects/node.ts";
import { contains } from "../../std/cidr.ts";
import { type FlagMap, lastFlagValue } from "../../std/flags.ts";
import { isIp, isUnspecified } from "../../std/ip.ts";
import type { ServingRequest } from "./serving-request.ts";
import { canonicalName } from "./canonical-name.ts";

/** Names that belong to the cluster. */
export interface ReservedNames {
  readonly serviceCidrs: readonly string[];
  readonly clusterDomain: string;
  /** Canonical names of the API server, in which a node on its host may have a part. */
  readonly api: ReadonlySet<string>;
  /**
   * Addresses among them that the API has only because `spec.api.sans` names them: lists of hosts hold workers, too.
   * Empty where certificates are signed by an authority that also clients of the API may trust.
   */
  readonly listed: ReadonlySet<string>;
  /** The node on this controller's host, if there is one. */
  readonly ownNode: string | undefined;
}

/** `ownAuthority`: kubelets' certificates are signed by the authority that nobody who talks to the API trusts. */
export function reservedNames(
  config: NodeConfig,
  ownNode: string | undefined,
  ownAuthority = true,
): ReservedNames {
  const { api } = config.spec;
  const without = apiServerSans({ ...config, spec: { ...config.spec, api: { ...api, sans: [] } } });
  const others = new Set(without.map(canonicalName));
  const listed = api.sans.map(canonicalName).filter((name) => isIp(name) && !others.has(name));
  return {
    listed: new Set(ownAuthority ? listed : []),
    // Where hosts lie in it, lying in it proves nothing; the API's own address is a name of the API.
    serviceCidrs: serviceCidrs(config).filter((cidr) => !contains(cidr, config.spec.api.address)),
    clusterDomain: canonicalName(config.spec.network.clusterDomain),
    api: new Set(apiServerSans(config).map(canonicalName)),
    ownNode,
  };
}

/** False where the user has named another authority for kubelets' certificates. */
export function signsWithOwnAuthority(
  { spec }: ClusterFields<"controllerManager">,
  cliExtraArgs: FlagMap,
): boolean {
  const flag = "cluster-signing-kubelet-serving-cert-file";
  const { extraArgs, rawArgs } = spec.controllerManager;
  return !(flag in extraArgs) && !(flag in cliExtraArgs) && lastFlagValue(rawArgs, flag) === undefined;
}

/** Only a controller can have given it: docs/adr/0050-roles-from-facts.md. */
const controlPlaneLabel = "node-role.kubernetes.io/control-plane";

/**
 * Why not, by what the node's own object and the configuration say; undefined if nothing speaks against it.
 * `controllers` are their addresses, where all of them are known.
 */
export function ownNamesRefusal(
  { node: name, names }: ServingRequest,
  node: Node | undefined,
  reserved: ReservedNames,
  controllers?: ReadonlySet<string>,
): string | undefined {
  if (node === undefined) return `there is no node ${name}`;
  const own = new Set(addressesOf(node));
  const onController = name === reserved.ownNode || node.metadata.labels?.[controlPlaneLabel] !== undefined;
  for (const asked of names) {
    const whose = reservedFor(asked, reserved, { onController, controllers });
    if (whose !== undefined) return `${asked} is ${whose}`;
    if (!own.has(asked)) return `${asked} is not among the addresses of node ${name}`;
  }
  return undefined;
}

/** Why not, because a name belongs to another node. */
export function othersNamesRefusal(
  { node: name, names }: ServingRequest,
  owners: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  for (const asked of names) {
    const other = owners.get(asked)?.find((owner) => owner !== name);
    if (other !== undefined)
      return `${asked} belongs to node ${other}; if that is gone: kubectl delete node ${other}`;
  }
  return undefined;
}

/** The names of nodes by what they are reached at, their own names included. */
export function ownersOf(nodes: readonly Node[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const node of nodes) {
    const name = node.metadata.name ?? "";
    for (const address of new Set([canonicalName(name), ...addressesOf(node)])) {
      const known = owners.get(address);
      if (known === undefined) owners.set(address, [name]);
      else known.push(name);
    }
  }
  return owners;
}

function addressesOf(node: Node): readonly string[] {
  return (node.status?.addresses ?? []).map(({ address }) => canonicalName(address));
}

function reservedFor(
  name: string,
  { serviceCidrs: cidrs, clusterDomain, api, listed }: ReservedNames,
  {
    onController,
    controllers,
  }: { readonly onController: boolean; readonly controllers: ReadonlySet<string> | undefined },
): string | undefined {
  if (isIp(name) && cidrs.some((cidr) => contains(cidr, name))) return "the address of a Service";
  if (inClusterDomain(name, clusterDomain)) return "in the cluster's domain";
  if (isUnspecified(name) || contains("127.0.0.0/8", name) || name === "::1")
    return "an address of every host";
  if (!api.has(name) || onController) return undefined;
  if (!listed.has(name)) return "a name of the API";
  if (controllers === undefined) return "in spec.api.sans, and not all controllers' addresses are known";
  return controllers.has(name) ? "an address of a controller" : undefined;
}

/**
 * Names of Services and pods, whole or cut short (https://github.com/kubernetes/dns/blob/master/docs/specification.md).
 * Hosts may have other names below the same domain.
 */
function inClusterDomain(name: string, clusterDomain: string): boolean {
  if (name === clusterDomain || /(?:^|\.)svc$/.test(name)) return true;
  return ["svc", "pod"].some((zone) => `.${name}`.endsWith(`.${zone}.${clusterDomain}`));
}
