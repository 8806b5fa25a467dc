// The leader's part of EtcdMembers: promotes learners, sees that members leave when asked, removes those that died.
// Reference §8.12.

import { applyStack } from "../deployer/apply-stack.ts";
import { tryPromote } from "../etcd/admission.ts";
import type { EtcdClient } from "../etcd/client.ts";
import {
  etcdMemberKind,
  type EtcdMemberObject,
  type EtcdMemberStatus,
  joinedCondition,
  memberLabels,
} from "../etcd/member-object.ts";
import { type MemberStep, planMember } from "../etcd/plan-member.ts";
import type { EtcdMember } from "../etcd/replies.ts";
import type { KubeClient } from "../kube/client.ts";
import { isConflict } from "../kube/errors.ts";
import { createInformer } from "../kube/informer.ts";
import type { LeaderElector, Lease } from "../kube/lease.ts";
import { etcdMemberCrd } from "../manifests/etcd-member-crd.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import { activeControllers, controllerLeaseNamespace } from "./controller-lease.ts";
import { leaderTask } from "./leader-task.ts";

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

export function etcdMemberReconciler(options: MemberReconcilerOptions): Component {
  return leaderTask({
    ...options,
    name: "etcd-members",
    dependsOn: ["kube-apiserver"],
    run: (client, signal, log) => reconcile(options, client, signal, log),
  });
}

async function reconcile(
  options: MemberReconcilerOptions,
  client: KubeClient,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  await applyStack(client, "etcd", [etcdMemberCrd()], { signal, log, attempts: 100 });
  let changed = Promise.withResolvers<void>();
  const objects = createInformer<EtcdMemberObject>({
    client,
    kind: etcdMemberKind,
    log,
    onChange: () => {
      changed.resolve();
      changed = Promise.withResolvers<void>();
    },
  });
  const following = objects.run(signal);
  await objects.synced(signal);
  while (!signal.aborted) {
    const next = changed.promise;
    const learners = await round(options, client, objects.items(), signal, log);
    const pause = new AbortController();
    const wait = sleep(learners ? promoteMs : resyncMs, AbortSignal.any([signal, pause.signal]));
    await Promise.race([next, wait.catch(() => undefined)]);
    pause.abort();
  }
  await following;
}

/** Looks at every member once; true while there are learners. */
async function round(
  options: MemberReconcilerOptions,
  client: KubeClient,
  objects: readonly EtcdMemberObject[],
  signal: AbortSignal,
  log: Logger,
): Promise<boolean> {
  try {
    const members = await options.etcd.members({ signal });
    const learner = members.find(({ isLearner, name }) => isLearner && name !== "");
    if (learner !== undefined) await tryPromote(options.etcd, learner.id, log);
    const active = await activeControllers(client, signal);
    for (const object of objects) {
      await reconcileOne({ options, client, members, active: active.length, signal, log }, object);
    }
    return members.some(({ isLearner }) => isLearner);
  } catch (err) {
    if (!signal.aborted) log.warn("Cannot reconcile etcd members, trying again", { err: errorMessage(err) });
    return false;
  }
}

interface Round {
  readonly options: MemberReconcilerOptions;
  readonly client: KubeClient;
  readonly members: readonly EtcdMember[];
  readonly active: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

async function reconcileOne(round: Round, object: EtcdMemberObject): Promise<void> {
  const { client, members, signal, options } = round;
  const leaseName = object.metadata.labels?.[memberLabels.lease];
  const ref = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: controllerLeaseNamespace };
  const leaving = object.spec?.leave === true && leaseName !== undefined;
  const lease = leaving ? await client.find<Lease>({ ...ref, name: leaseName }, { signal }) : undefined;
  const own = object.metadata.name === options.memberName.toLowerCase();
  const step = planMember({ object, members, lease, own, activeControllers: round.active, now: Date.now() });
  await execute(round, object, step);
}

async function execute(round: Round, object: EtcdMemberObject, step: MemberStep): Promise<void> {
  const { client, options, signal, log } = round;
  const name = object.metadata.name ?? "";
  switch (step.action) {
    case "none":
      return;
    case "present":
      if (object.status?.conditions?.[0]?.status === "True") return;
      return writeStatus(round, object, {
        reconcileStatus: "",
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
    readonly joined?: { readonly status: "True" | "False"; readonly message: string };
  },
): Promise<void> {
  const present = object.status;
  const { joined } = wanted;
  const message = wanted.message ?? (joined?.status === "False" ? joined.message : "");
  const same = present?.reconcileStatus === wanted.reconcileStatus && present?.message === message;
  if (same && (joined === undefined || joined.status === present?.conditions?.[0]?.status)) return;
  const status = {
    reconcileStatus: wanted.reconcileStatus,
    message,
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
