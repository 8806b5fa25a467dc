// Addresses at which controllers are reached, as far as the cluster itself knows them.

import { knownControllerAddresses } from "../controller-leases/component.ts";
import { type EtcdMemberObject, etcdMemberKind } from "../etcd/members/object.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isNotFoundError } from "../../kube/errors.ts";
import { hostAddresses } from "../../os/addresses.ts";
import { apiEndpoints, type Endpoints } from "../../kube/objects/endpoints.ts";
import { canonicalName } from "./canonical-name.ts";

/**
 * Every controller's address of the API, also while it is down, and those of this host; undefined where nobody knows all controllers. `foreign`: the
 * endpoints of the API are the external address, so that etcd's members have to tell.
 */
export async function controllerAddresses(
  client: KubeClient,
  foreign: boolean,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const known = foreign ? await memberAddresses(client, signal) : await endpointAddresses(client, signal);
  if (known.length === 0 || known.includes("")) return undefined;
  // One that is down is among the endpoints no longer, and comes back.
  const noted = await knownControllerAddresses(client, signal);
  return new Set([...known, ...noted, ...hostAddresses().map(({ address }) => address)].map(canonicalName));
}

async function endpointAddresses(client: KubeClient, signal: AbortSignal): Promise<readonly string[]> {
  const { subsets = [] } = (await client.find<Endpoints>(apiEndpoints, { signal })) ?? {};
  return subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
}

/** An empty one for a member of which it is not known. */
async function memberAddresses(client: KubeClient, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const { items } = await client.list<EtcdMemberObject>(etcdMemberKind, { signal });
    return items.map(({ status }) => status?.peerAddress ?? "");
  } catch (err) {
    // A cluster without etcd of k0s' own has no such kind.
    if (isNotFoundError(err)) return [];
    throw err;
  }
}
