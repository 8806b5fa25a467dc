// Whether and how a host becomes a member: compares who asks with who is there. Pure.

import type { EtcdMember } from "../replies.ts";

export interface Joiner {
  readonly name: string;
  /** e.g. `https://10.0.0.2:2380` */
  readonly peerUrl: string;
}

export type AdmissionStep =
  | { readonly action: "add" }
  /** It was added before, but has never run: the same place again. */
  | { readonly action: "resume"; readonly id: string }
  /** Its place, or that of one that never came, is made free first. */
  | { readonly action: "replace"; readonly id: string }
  /** etcd takes in one member at a time. */
  | { readonly action: "wait"; readonly for: EtcdMember }
  | { readonly action: "refuse"; readonly reason: "name-taken" | "address-taken"; readonly by: EtcdMember };

/** How long a place is kept for a learner while others wait. */
const patienceMs = { neverStarted: 60_000, started: 600_000 };

/** `learnerAgeMs`: how long we have known a learner. */
export function planAdmission(
  members: readonly EtcdMember[],
  joiner: Joiner,
  learnerAgeMs: (member: EtcdMember) => number,
): AdmissionStep {
  const same = members.find(({ peerUrls }) => peerUrls.includes(joiner.peerUrl));
  if (same !== undefined) {
    // Who asks has no data. A voter whose data are lost is for a person to remove: a token must not vote anybody out.
    if (!same.isLearner) return { action: "refuse", reason: "address-taken", by: same };
    return { action: same.name === "" ? "resume" : "replace", id: same.id };
  }
  const namesake = members.find(({ name }) => name === joiner.name);
  if (namesake !== undefined) return { action: "refuse", reason: "name-taken", by: namesake };
  const learner = members.find(({ isLearner }) => isLearner);
  if (learner === undefined) return { action: "add" };
  const patience = learner.name === "" ? patienceMs.neverStarted : patienceMs.started;
  return learnerAgeMs(learner) > patience
    ? { action: "replace", id: learner.id }
    : { action: "wait", for: learner };
}

/** etcd's `--initial-cluster` entries; the new member has no name of its own yet. */
export function initialCluster(
  members: readonly EtcdMember[],
  joiner: Joiner & { readonly id: string },
): string[] {
  return members.flatMap(({ id, name, peerUrls }) =>
    peerUrls.map((url) => `${id === joiner.id ? joiner.name : name}=${url}`),
  );
}
