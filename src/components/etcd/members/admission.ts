// Takes hosts into the etcd cluster, one at a time, and promotes them once they have caught up. One controller queues
// those who ask it; among controllers etcd itself refuses a second learner.
// Upstream: pkg/component/controller/etcd_member_reconciler.go, cmd/api/api.go.

import { errorMessage } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import { pause, sleep } from "../../../std/wait.ts";
import type { EtcdClient } from "../client.ts";
import {
  isLearnerNotReady,
  isMemberNotFound,
  isNoLearner,
  isTooManyLearners,
  isUnhealthyCluster,
} from "../errors.ts";
import { initialCluster, type Joiner, planAdmission } from "./plan-admission.ts";
import type { EtcdMember } from "../replies.ts";

export type Admission =
  | { readonly kind: "member"; readonly initialCluster: readonly string[] }
  /** Not now; `because` is a sentence for a person. */
  | { readonly kind: "busy"; readonly because: string }
  | { readonly kind: "refused"; readonly reason: "name-taken" | "address-taken"; readonly by: EtcdMember };

export interface MemberAdmission {
  admit(joiner: Joiner, signal: AbortSignal): Promise<Admission>;
  /** Takes a member back that never became a voter; false if there was none. */
  withdraw(peerUrl: string, signal: AbortSignal): Promise<boolean>;
  members(signal: AbortSignal): Promise<readonly EtcdMember[]>;
  /** Ends promoting. */
  stop(): Promise<void>;
}

/** Less than the 10 s after which upstream's client gives an attempt up. */
const admitMs = 8_000;
/** Until it has its name: etcd logs an error with a stack for each promotion that comes too early. */
const lookEveryMs = 100;
/** One that unpacks on a busy host, or never comes. */
const lookRarelyAfterMs = 60_000;
const promoteEveryMs = 500;
const promoteForMs = 600_000;

export function memberAdmission(options: { client: EtcdClient; log: Logger }): MemberAdmission {
  const { client, log } = options;
  const firstSeen = new Map<string, number>();
  const stopping = new AbortController();
  const promoting = new Set<Promise<void>>();
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };

  const learnerAge = ({ id }: EtcdMember): number => {
    const seen = firstSeen.get(id) ?? performance.now();
    firstSeen.set(id, seen);
    return performance.now() - seen;
  };

  /** Whether a learner has run; undefined when it votes or is gone. */
  const hasStarted = async (id: string): Promise<boolean | undefined> => {
    try {
      const members = await client.members({ signal: stopping.signal, timeoutMs: 5_000 });
      const member = members.find((one) => one.id === id);
      return member?.isLearner === true ? member.name !== "" : undefined;
    } catch (err) {
      log.debug("Cannot see yet whether an etcd member has started", { err: errorMessage(err) });
      return false;
    }
  };

  /** As soon as it has caught up: it gives itself its name when it has, so nothing is asked for before that. */
  const promote = async (id: string): Promise<void> => {
    const since = performance.now();
    while (!stopping.signal.aborted && performance.now() - since < promoteForMs) {
      const named = await hasStarted(id);
      if (named === undefined || (named && (await tryPromote(client, id, log)))) return;
      const rarely = named || performance.now() - since > lookRarelyAfterMs;
      await pause(rarely ? promoteEveryMs : lookEveryMs, stopping.signal);
    }
  };

  const accept = async (joiner: Joiner, id: string, signal: AbortSignal): Promise<Admission> => {
    const work = promote(id);
    promoting.add(work);
    void work.finally(() => promoting.delete(work));
    return {
      kind: "member",
      initialCluster: initialCluster(await client.members({ signal }), { ...joiner, id }),
    };
  };

  const attempt = async (joiner: Joiner, signal: AbortSignal): Promise<Admission> => {
    const step = planAdmission(await client.members({ signal }), joiner, learnerAge);
    switch (step.action) {
      case "refuse":
        return { kind: "refused", reason: step.reason, by: step.by };
      case "wait":
        return { kind: "busy", because: `${nameOf(step.for)} is joining, one controller joins at a time` };
      case "resume":
        return accept(joiner, step.id, signal);
      case "replace":
        log.warn("Removing an etcd learner that did not finish joining", { member: step.id });
        await client.remove(step.id, { signal });
        firstSeen.delete(step.id);
        break;
      case "add":
        break;
    }
    log.info("Adding an etcd member", { member: joiner.name, peerUrl: joiner.peerUrl });
    const { id } = await client.addLearner(joiner.peerUrl, { signal });
    return accept(joiner, id, signal);
  };

  /** Tries for some seconds: mostly the one before is done by then. */
  const admit = async (joiner: Joiner, signal: AbortSignal): Promise<Admission> => {
    const until = performance.now() + admitMs;
    for (;;) {
      const answer = await attempt(joiner, signal).catch(busyAnswer);
      if (answer.kind !== "busy" || performance.now() > until) return answer;
      await sleep(250, signal);
    }
  };

  return {
    admit: (joiner, signal) => inTurn(() => admit(joiner, signal)),
    withdraw: (peerUrl, signal) =>
      inTurn(async () => {
        const members = await client.members({ signal });
        const learner = members.find((member) => member.isLearner && member.peerUrls.includes(peerUrl));
        if (learner === undefined) return false;
        log.info("Removing an etcd member that did not finish joining", { peerUrl });
        await client.remove(learner.id, { signal });
        return true;
      }),
    members: (signal) => client.members({ signal }),
    stop: async () => {
      stopping.abort();
      await Promise.all(promoting);
    },
  };
}

/** True when there is nothing left to do: it votes, or it is gone. */
export async function tryPromote(client: EtcdClient, id: string, log: Logger): Promise<boolean> {
  try {
    await client.promote(id, { timeoutMs: 5_000 });
    log.info("An etcd member has caught up and votes now", { member: id });
    return true;
  } catch (err) {
    if (isMemberNotFound(err) || isNoLearner(err)) return true;
    if (!isLearnerNotReady(err)) log.debug("Cannot promote an etcd member yet", { err: errorMessage(err) });
    return false;
  }
}

function busyAnswer(err: unknown): Admission {
  if (isTooManyLearners(err)) {
    return { kind: "busy", because: "another controller is joining, one controller joins at a time" };
  }
  if (isUnhealthyCluster(err)) {
    return {
      kind: "busy",
      because:
        "etcd takes nobody in while one of its members is unreachable; if that one is lost, remove it with `k0s etcd leave --peer-address`",
    };
  }
  throw err;
}

function nameOf({ name, peerUrls }: EtcdMember): string {
  return name === "" ? (peerUrls[0] ?? "another controller") : name;
}
