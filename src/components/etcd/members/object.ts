// EtcdMember: one object for each controller with managed etcd, through which a member is asked to leave.
// Upstream: pkg/apis/etcd/v1beta1/types.go.

import type { KubeResource } from "../../../kube/types.ts";
import { secondsTimestamp } from "../../../std/timestamp.ts";

export const etcdMemberKind = { apiVersion: "etcd.k0sproject.io/v1beta1", kind: "EtcdMember" } as const;

export const memberLabels = {
  /** The lease that the member's controller holds while it runs; cut short where the name is too long for a label. */
  lease: "k0s.k0sproject.io/controller-lease",
  /** Who ends itself when asked to: the InvocationID of its k0s. */
  shutdownOnLeave: "k0s.k0sproject.io/shutdown-on-leave",
  /** The InvocationID that is asked to end itself. */
  shutdown: "k0s.k0sproject.io/shutdown",
} as const;

/** Ours: the whole name of the lease. */
export const leaseAnnotation = "k0s.k0sproject.io/controller-lease-name";

/** The lease of a member's controller; undefined until it has registered. */
export function leaseNameOf({ metadata }: EtcdMemberObject): string | undefined {
  return metadata.annotations?.[leaseAnnotation] ?? metadata.labels?.[memberLabels.lease];
}

export interface JoinedCondition {
  readonly type: "Joined";
  readonly status: "True" | "False" | "Unknown";
  readonly lastTransitionTime: string;
  readonly message?: string;
}

export interface EtcdMemberStatus {
  peerAddress: string;
  memberID: string;
  reconcileStatus?: "Success" | "Failed" | "";
  message?: string;
  conditions?: JoinedCondition[];
}

export interface EtcdMemberObject extends KubeResource {
  spec?: { leave?: boolean };
  status?: EtcdMemberStatus;
}

/** The condition, its time kept while its status stays. */
export function joinedCondition(
  present: EtcdMemberStatus | undefined,
  joined: { readonly status: "True" | "False"; readonly message: string },
  now: Date,
): JoinedCondition {
  const before = present?.conditions?.find(({ type }) => type === "Joined");
  const lastTransitionTime =
    before?.status === joined.status ? before.lastTransitionTime : secondsTimestamp(now);
  return { type: "Joined", ...joined, lastTransitionTime };
}
