// The leader's part of EtcdMembers: promotes learners, sees that members leave when asked, removes those that died.
// Upstream: pkg/component/controller/etcd_member_reconciler.go.

import { applyStack } from "../../../deployer/apply-stack.ts";
import { tryPromote } from "./admission.ts";
import type { EtcdClient } from "../client.ts";
import {
  etcdMemberKind,
  type EtcdMemberObject,
  type EtcdMemberStatus,
  joinedCondition,
  leaseNameOf,
  memberLabels,
} from "./object.ts";
import { type MemberStep, planMember } from "./plan.ts";
import type { EtcdMember } from "../replies.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { isConflict } from "../../../kube/errors.ts";
import { createInformer } from "../../../kube/informer.ts";
import type { LeaderElector } from "../../../kube/lease.ts";
import { createLeaseObserver, type LeaseObserver } from "../../../kube/lease-observer.ts";
import { type Lease, leaseKind } from "../../../kube/objects/lease.ts";
import { etcdMemberCrd } from "./crd.ts";
import type { Logger } from "../../../std/log.ts";
import { createLoop } from "../../../std/loop.ts";
import type { Component } from "../../../supervisor/component.ts";
import { activeControllers, controllerLeaseNamespace } from "../../controller-leases/component.ts";
import { leaderTask, type WatchHealth } from "../../../supervisor/leader-task.ts";
import { kubeApiserverDeclaration } from "../../kube-apiserver/declaration.ts";

export interface MemberReconcilerOptions {
  readonly client: () => Promise<KubeClient>;
  readonly etcd: EtcdClient;
  readonly leader: LeaderElector;
  readonly memberName: string;
  readonly log: Logger;
}

const resyncMs = 10_000;
const promoteMs = 1_000;
const yieldMs = 30_000;
/** Between looks at the leases of controllers while nobody wants to leave: who is dead shall be known when somebody does. */
const leasesMs = 30_000;

export function etcdMemberReconciler(options: MemberReconcilerOptions): Component {
  return leaderTask({
    ...options,
    name: "etcd-members",
    dependsOn: [kubeApiserverDeclaration],
    run: (client, signal, log, watch) => reconcile(options, { client, signal, log, watch }),
  });
}

interface Task {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly watch: WatchHealth;
}

async function reconcile(options: MemberReconcilerOptions, task: Task): Promise<void> {
  const { client, signal, log } = task;
  await applyStack(client, "etcd", [etcdMemberCrd()], { signal, log, attempts: 100 });
  const observer = createLeaseObserver();
  const countActive = activeCounter(client, observer);
  const objects = createInformer<EtcdMemberObject>({
    client,
    kind: etcdMemberKind,
    log,
    onChange: () => rounds.ring(),
  });
  const rounds = createLoop({
    name: "look at etcd members",
    log,
    backoff: { firstMs: promoteMs, longestMs: resyncMs },
    round: async () => {
      const look = { options, client, observer, countActive, signal, log };
      const learners = await lookAtMembers(look, objects.items());
      return learners ? promoteMs : resyncMs;
    },
  });
  task.watch(objects);
  task.watch(rounds);
  const following = objects.run(signal);
  await objects.synced(signal);
  await Promise.all([following, rounds.run(signal)]);
}

type CountActive = (objects: readonly EtcdMemberObject[], signal: AbortSignal) => Promise<number>;

/** Of controllers whose lease is alive: only a member that wants to leave asks for it. */
export function activeCounter(
  client: Pick<KubeClient, "find" | "list">,
  observer: LeaseObserver,
  now: () => number = () => performance.now(),
): CountActive {
  let counted = 0;
  let lookAt = 0;
  return async (objects, signal) => {
    const isAsked = objects.some(({ spec }) => spec?.leave === true);
    if (!isAsked && now() < lookAt) return counted;
    const others = objects.flatMap((object) => leaseNameOf(object) ?? []);
    counted = (await activeControllers(client, { observer, signal, others })).length;
    lookAt = now() + leasesMs;
    return counted;
  };
}

interface Look {
  readonly options: MemberReconcilerOptions;
  readonly client: KubeClient;
  readonly observer: LeaseObserver;
  readonly countActive: CountActive;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Looks at every member once; true while there are learners. */
async function lookAtMembers(look: Look, objects: readonly EtcdMemberObject[]): Promise<boolean> {
  const { options, countActive, signal, log } = look;
  const members = await options.etcd.members({ signal });
  const learner = members.find(({ isLearner, name }) => isLearner && name !== "");
  if (learner !== undefined) {
    options.leader.assertTerm();
    await tryPromote(options.etcd, learner.id, log);
  }
  const active = await countActive(objects, signal);
  for (const object of objects) await reconcileOne({ ...look, members, activeControllers: active }, object);
  return members.some(({ isLearner }) => isLearner);
}

interface Round extends Look {
  readonly members: readonly EtcdMember[];
  readonly activeControllers: number;
}

async function reconcileOne(round: Round, object: EtcdMemberObject): Promise<void> {
  const { client, members, observer, signal, options, activeControllers: active } = round;
  const leaseName = leaseNameOf(object);
  const ref = { ...leaseKind, namespace: controllerLeaseNamespace };
  const leaving = object.spec?.leave === true && leaseName !== undefined;
  const lease = leaving ? await client.find<Lease>({ ...ref, name: leaseName }, { signal }) : undefined;
  const own = object.metadata.name === options.memberName.toLowerCase();
  const leaseAgeMs = lease === undefined ? 0 : observer.ageMs(lease);
  const step = planMember({ object, members, lease, leaseAgeMs, own, activeControllers: active });
  await execute(round, object, step);
}

async function execute(round: Round, object: EtcdMemberObject, step: MemberStep): Promise<void> {
  const { client, options, signal, log } = round;
  const name = object.metadata.name ?? "";
  switch (step.action) {
    case "none":
      return;
    case "present":
      if (object.status?.conditions?.[0]?.status === "True" && object.status.peerAddress === step.peerAddress)
        return;
      return writeStatus(round, object, {
        reconcileStatus: "",
        peerAddress: step.peerAddress,
        joined: { status: "True", message: "Member joined" },
      });
    case "gone":
      return writeStatus(round, object, {
        reconcileStatus: "Success",
        joined: { status: "False", message: step.message },
      });
    case "wait":
      return writeStatus(round, object, { reconcileStatus: "", message: step.message });
    case "blocked":
      return writeStatus(round, object, { reconcileStatus: "Failed", message: step.message });
    case "yield":
      await writeStatus(round, object, { reconcileStatus: "", message: step.message });
      log.info("Handing the leadership over in order to leave the etcd cluster");
      options.leader.yield(yieldMs);
      return;
    case "ask-to-leave": {
      const labels = { [memberLabels.shutdown]: step.invocation };
      if (object.metadata.labels?.[memberLabels.shutdown] !== step.invocation) {
        log.info("Asking a member to leave the etcd cluster", { member: name });
        await client.patch({ ...etcdMemberKind, name }, "merge", { metadata: { labels } }, { signal });
      }
      return writeStatus(round, object, { reconcileStatus: "", message: step.message });
    }
    case "remove":
      options.leader.assertTerm();
      log.info("Removing a member from the etcd cluster", { member: name });
      await options.etcd.remove(step.id, { signal });
      return writeStatus(round, object, {
        reconcileStatus: "Success",
        joined: { status: "False", message: "Member removed from cluster" },
      });
  }
}

/** Refused by the server when the object has changed since we looked: the next round sees the new one. */
async function writeStatus(
  { client, signal }: Round,
  object: EtcdMemberObject,
  wanted: {
    readonly reconcileStatus: EtcdMemberStatus["reconcileStatus"];
    readonly message?: string;
    readonly peerAddress?: string;
    readonly joined?: { readonly status: "True" | "False"; readonly message: string };
  },
): Promise<void> {
  const present = object.status;
  const { joined } = wanted;
  const message = wanted.message ?? (joined?.status === "False" ? joined.message : "");
  const { peerAddress = present?.peerAddress } = wanted;
  const same =
    present?.reconcileStatus === wanted.reconcileStatus &&
    present?.message === message &&
    present?.peerAddress === peerAddress;
  if (same && (joined === undefined || joined.status === present?.conditions?.[0]?.status)) return;
  const status = {
    reconcileStatus: wanted.reconcileStatus,
    message,
    peerAddress,
    ...(joined === undefined ? {} : { conditions: [joinedCondition(present, joined, new Date())] }),
  };
  const ref = { ...etcdMemberKind, name: object.metadata.name ?? "" };
  const { resourceVersion } = object.metadata;
  try {
    await client.patch(
      ref,
      "merge",
      { metadata: { resourceVersion }, status },
      { signal, subresource: "status" },
    );
  } catch (err) {
    if (!isConflict(err)) throw err;
  }
}
