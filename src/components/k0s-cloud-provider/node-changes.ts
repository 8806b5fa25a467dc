// What the cloud provider of k0s changes on a Node, as merge patches. Each names the version of the Node that it was made of:
// of another one it is not true. Upstream: pkg/k0scloudprovider, and k8s.io/cloud-provider/controllers/node.

import { type Node, type NodeAddress, nodeKind, uninitializedTaint } from "../../kube/objects/node.ts";

/** Where a person writes under which addresses others reach the node, separated by commas. */
export const externalAddressAnnotation = "k0sproject.io/node-ip-external";
/** Where a kubelet that waits for a cloud provider writes its `--node-ip`. */
export const nodeIpAnnotation = "alpha.kubernetes.io/provided-node-ip";
const providerName = "k0s-cloud-provider";

/** The first of them is an older name of the second. */
const typeLabels = ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"];

/** What is looked at of a Node: the rest, mostly images, is not held. */
export function lookedAt({ metadata, spec, status }: Node): Node {
  const { name, resourceVersion, annotations = {} } = metadata;
  const kept = [externalAddressAnnotation, nodeIpAnnotation].filter((key) => key in annotations);
  return {
    ...nodeKind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      annotations: Object.fromEntries(kept.map((key) => [key, annotations[key] ?? ""])),
    },
    spec: { providerID: spec?.providerID ?? "", taints: spec?.taints ?? [] },
    status: { addresses: status?.addresses ?? [] },
  };
}

/** A provider's id can be set only once, so a kubelet's own stays. */
export function initialization({ metadata: { name = "", resourceVersion }, spec }: Node): object {
  const { providerID = "", taints = [] } = spec ?? {};
  return {
    metadata: { resourceVersion, labels: Object.fromEntries(typeLabels.map((key) => [key, providerName])) },
    spec: {
      ...(providerID === "" ? { providerID: `${providerName}://${name}` } : {}),
      taints: taints.filter(({ key }) => key !== uninitializedTaint),
    },
  };
}

/** Of the status; undefined if the Node has the addresses that it should have. */
export function addressChange(node: Node): object | undefined {
  const present = node.status?.addresses ?? [];
  const wanted = wantedAddresses(node);
  if (wanted.length === 0 || same(present, wanted)) return undefined;
  return { metadata: { resourceVersion: node.metadata.resourceVersion }, status: { addresses: wanted } };
}

function wantedAddresses({ metadata: { annotations = {} }, status }: Node): readonly NodeAddress[] {
  const present = status?.addresses ?? [];
  const ofType = (wanted: string): readonly NodeAddress[] => present.filter(({ type }) => type === wanted);
  const named = (key: string, type: string): readonly NodeAddress[] =>
    itemsOf(annotations[key]).map((address) => ({ type, address }));
  const own = named(nodeIpAnnotation, "InternalIP");
  return withoutRepeated([
    ...(own.length > 0 ? own : ofType("InternalIP")),
    ...named(externalAddressAnnotation, "ExternalIP"),
    ...ofType("Hostname"),
  ]);
}

/** Addresses that several of the nodes are given, with the names of these; upstream takes them, too. */
export function sharedAddresses(nodes: readonly Node[]): ReadonlyMap<string, readonly string[]> {
  const given = nodes.flatMap(({ metadata: { name = "", annotations = {} } }) =>
    [...new Set(itemsOf(annotations[externalAddressAnnotation]))].map((address) => ({ address, name })),
  );
  const byAddress = [...Map.groupBy(given, ({ address }) => address)].filter(([, all]) => all.length > 1);
  return new Map(byAddress.map(([address, all]) => [address, all.map(({ name }) => name).toSorted()]));
}

/** As they are, as upstream takes them: they may be names of a balancer. */
function itemsOf(list = ""): readonly string[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** The API refuses a Node with one address twice. */
function withoutRepeated(addresses: readonly NodeAddress[]): readonly NodeAddress[] {
  return [...new Map(addresses.map((one) => [`${one.type} ${one.address}`, one])).values()];
}

function same(some: readonly NodeAddress[], others: readonly NodeAddress[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ type, address }, at) => type === others[at]?.type && address === others[at]?.address)
  );
}
