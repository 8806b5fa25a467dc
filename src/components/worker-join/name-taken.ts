// Whether another machine, alive, is in the cluster under the name of this one: both would overwrite each other's node.

import type { KubeClient } from "../../kube/client.ts";
import { type Lease, leaseKind } from "../../kube/objects/lease.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import { formatDuration } from "../../std/duration.ts";
import { UserError } from "../../std/errors.ts";

export interface NameEvidence {
  readonly nodeName: string;
  readonly node: Node | undefined;
  readonly lease: Lease | undefined;
  readonly ownAddresses: readonly string[];
  /** By the API server's clock. */
  readonly now: number;
}

/** The heartbeats of a kubelet that is not on this host; undefined when the name is free, or was this host's before. */
export function nameTaken({ nodeName, node, lease, ownAddresses, now }: NameEvidence): UserError | undefined {
  const addresses = (node?.status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
  const [first] = addresses;
  if (first === undefined || addresses.some(({ address }) => ownAddresses.includes(address)))
    return undefined;
  const { renewTime, leaseDurationSeconds = 40 } = lease?.spec ?? {};
  const ageMs = now - Date.parse(renewTime ?? "");
  if (Number.isNaN(ageMs) || ageMs > leaseDurationSeconds * 1000) return undefined;
  const age = formatDuration(Math.max(0, Math.round(ageMs / 1000)) * 1000);
  return new UserError(
    `the name ${nodeName} is taken: a node of that name at ${first.address} gave a sign of life ${age} ago`,
    {
      code: "name-taken",
      hint: "Give this host another name, or use --kubelet-extra-args=--hostname-override=NAME. If the other one is gone, this is over in a minute.",
    },
  );
}

/** Asks with the node's own credentials: a node may read itself and its lease, nobody else's. */
export async function findNameTaken(
  client: KubeClient,
  input: Pick<NameEvidence, "nodeName" | "ownAddresses" | "now">,
  signal: AbortSignal,
): Promise<UserError | undefined> {
  const options = { signal, timeoutMs: 10_000 };
  const [node, lease] = await Promise.all([
    client.find<Node>({ ...nodeKind, name: input.nodeName }, options),
    client.find<Lease>({ ...leaseKind, name: input.nodeName, namespace: "kube-node-lease" }, options),
  ]);
  return nameTaken({ ...input, node, lease });
}
