// Controllers that have left the cluster for good, though their leases are there still: no change of keys waits for them.

import type { KubeClient } from "../../kube/client.ts";
import { isNotFoundError } from "../../kube/errors.ts";
import { controllerLeaseName } from "../controller-leases/component.ts";
import { type EtcdMemberObject, etcdMemberKind, leaseNameOf } from "../etcd/members/object.ts";

/** None in a cluster without etcd of k0s' own: nobody leaves that. */
export async function departedControllers(
  client: Pick<KubeClient, "list">,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  try {
    return departedOf((await client.list<EtcdMemberObject>(etcdMemberKind, { signal })).items);
  } catch (err) {
    if (isNotFoundError(err)) return new Set();
    throw err;
  }
}

/** Names of controllers, of what is known of members: one that is asked to leave, or that is down, has not left. */
export function departedOf(members: readonly EtcdMemberObject[]): ReadonlySet<string> {
  const prefix = controllerLeaseName("");
  const named = (joined: "True" | "False" | "Unknown"): ReadonlySet<string> =>
    new Set(
      members
        .filter(({ status }) => stateOf(status) === joined)
        .flatMap((member) => leaseNameOf(member) ?? [])
        .filter((lease) => lease.startsWith(prefix))
        .map((lease) => lease.slice(prefix.length)),
    );
  // Of a controller that got another name there are two objects.
  return named("False").difference(named("True")).difference(named("Unknown"));
}

function stateOf(status: EtcdMemberObject["status"]): "True" | "False" | "Unknown" {
  return status?.conditions?.find(({ type }) => type === "Joined")?.status ?? "Unknown";
}
