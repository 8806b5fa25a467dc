// What the leader does about one EtcdMember. Pure. Upstream: pkg/component/controller/etcd_member_reconciler.go.

import { isAlive } from "../../../kube/lease-observer.ts";
import type { Lease } from "../../../kube/objects/lease.ts";
import { peerAddressOf } from "./plan-peer-urls.ts";
import { type EtcdMemberObject, memberLabels } from "./object.ts";
import type { EtcdMember } from "../replies.ts";

export interface MemberFacts {
  readonly object: EtcdMemberObject;
  readonly members: readonly EtcdMember[];
  /** Of the member's controller, undefined if there is none. */
  readonly lease: Lease | undefined;
  /** How long the lease has not changed, in milliseconds. */
  readonly leaseAgeMs: number;
  /** Whether the object is that of this controller. */
  readonly own: boolean;
  readonly activeControllers: number;
}

export type MemberStep =
  | { readonly action: "none" }
  /** It votes; others reach it at this address. */
  | { readonly action: "present"; readonly peerAddress: string }
  /** It is not, or no longer, in the etcd cluster. */
  | { readonly action: "gone"; readonly message: string }
  | { readonly action: "wait"; readonly message: string }
  /** What a person has to look at. */
  | { readonly action: "blocked"; readonly message: string }
  /** Another controller shall lead and see to it. */
  | { readonly action: "yield"; readonly message: string }
  /** Its k0s runs: it ends its parts and leaves by itself. */
  | { readonly action: "ask-to-leave"; readonly invocation: string; readonly message: string }
  | { readonly action: "remove"; readonly id: string };

/** How long after its end a controller is expected to have left by itself. */
const graceMs = 300_000;

export function planMember(facts: MemberFacts): MemberStep {
  const { object, members, own } = facts;
  const id = (object.status?.memberID ?? "").toLowerCase();
  // Its controller is about to write it.
  if (id === "") return { action: "none" };
  const member = members.find((candidate) => candidate.id === id);
  if (member === undefined) return { action: "gone", message: "No such member ID" };
  // A controller that got another name registers under that one: this object must not remove it.
  if (member.name !== "" && member.name.toLowerCase() !== object.metadata.name)
    return { action: "gone", message: `The member is named ${member.name} now` };
  if (object.spec?.leave !== true)
    return member.isLearner ? { action: "none" } : { action: "present", peerAddress: peerAddressOf(member) };
  return own ? planOwn(facts) : planOther(facts, id);
}

function planOwn({ activeControllers }: MemberFacts): MemberStep {
  if (activeControllers >= 2)
    return { action: "yield", message: "Waiting for another controller to take over" };
  return {
    action: "blocked",
    message:
      "The only active controller cannot leave the etcd cluster; either bring another controller online or clear spec.leave",
  };
}

function planOther({ object, lease, leaseAgeMs }: MemberFacts, id: string): MemberStep {
  if (lease === undefined) return { action: "blocked", message: "No k0s controller lease found" };
  const { holderIdentity = "" } = lease.spec ?? {};
  const willing = object.metadata.labels?.[memberLabels.shutdownOnLeave];
  if (isAlive(lease, leaseAgeMs) && holderIdentity === willing) {
    return {
      action: "ask-to-leave",
      invocation: holderIdentity,
      message: "Member is still active; waiting for it to shutdown",
    };
  }
  if (holderIdentity === "" && leaseAgeMs < graceMs)
    return { action: "wait", message: "Member is offline; waiting for it to leave" };
  return { action: "remove", id };
}
