// Looks after the database of this host's etcd member: defragments it when half of it is empty, makes room and lifts the
// alarm when the quota is used up. Members take turns by a lease, because one that is defragmenting does not answer.

import { createLeaderElector } from "../kube/lease.ts";
import type { KubeClient } from "../kube/client.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import type { EtcdClient } from "./client.ts";
import { type MaintenanceRecord, writeMaintenanceRecord } from "./maintenance-record.ts";
import { planMaintenance } from "./plan-maintenance.ts";
import type { EtcdStatus } from "./replies.ts";

export interface EtcdMaintenanceOptions {
  readonly client: EtcdClient;
  /** Undefined where this is the only member there can be. */
  readonly turns:
    | { readonly kube: () => Promise<KubeClient>; readonly identity: string; readonly nodeName: string }
    | undefined;
  readonly runDir: string;
  readonly log: Logger;
  readonly timing?: { readonly alarmCheckMs: number; readonly sizeCheckMs: number; readonly turnMs: number };
}

const defaultTiming = {
  /** An alarm stops all writes: it is looked for often. */
  alarmCheckMs: 10_000,
  sizeCheckMs: 600_000,
  /** How long a turn is waited for, and kept after the work so that the member can catch up. */
  turnMs: 60_000,
};

export function etcdMaintenance(options: EtcdMaintenanceOptions): Component {
  const { client, timing = defaultTiming } = options;
  const log = options.log.with({ component: "etcd-maintenance" });
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const defragment = async (before: EtcdStatus, reason: MaintenanceRecord["reason"]): Promise<void> => {
    const { signal } = stopping;
    await handOver(client, before, log);
    const startedAt = performance.now();
    await client.defragment({ signal });
    const { dbSize } = await client.status({ signal });
    const tookMs = Math.round(performance.now() - startedAt);
    log.info("Defragmented etcd's database", {
      bytesBefore: before.dbSize,
      bytesAfter: dbSize,
      tookMs,
      reason,
    });
    await writeMaintenanceRecord(options.runDir, {
      at: new Date().toISOString(),
      reason,
      bytesBefore: before.dbSize,
      bytesAfter: dbSize,
      tookMs,
    });
  };

  const look = async ({ sizes }: { sizes: boolean }): Promise<void> => {
    const { signal } = stopping;
    const [status, alarms] = await Promise.all([client.status({ signal }), client.alarms({ signal })]);
    const step = planMaintenance(status, alarms);
    switch (step.action) {
      case "make-room":
        log.error("etcd's quota is used up: the cluster takes no writes until there is room", {
          quota: status.dbSizeQuota,
          used: status.dbSizeInUse,
        });
        await client.compact(status.revision, { signal }).catch((err: unknown) => {
          log.debug("Nothing to compact", { err: errorMessage(err) });
        });
        await defragment(status, "quota");
        return look({ sizes: false });
      case "disarm":
        await client.disarm(step.alarm, { signal });
        log.warn("etcd has room again, lifted the alarm", { alarm: step.alarm.alarm });
        return;
      case "defragment":
        if (sizes) await inTurn(options, log, signal, () => defragment(status, "wasted-space"));
        return;
      case "none":
        return;
    }
  };

  const watch = async (): Promise<void> => {
    const { signal } = stopping;
    let sizesAt = 0;
    while (!signal.aborted) {
      const sizes = performance.now() - sizesAt >= timing.sizeCheckMs || sizesAt === 0;
      try {
        await look({ sizes });
        if (sizes) sizesAt = performance.now();
      } catch (err) {
        if (!signal.aborted) log.debug("Cannot look after etcd now", { err: errorMessage(err) });
      }
      await sleep(timing.alarmCheckMs, signal).catch(() => undefined);
    }
  };

  return {
    name: "etcd-maintenance",
    dependsOn: ["etcd"],
    start() {
      running = watch();
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Writes go on without a pause if another member leads meanwhile. */
async function handOver(client: EtcdClient, status: EtcdStatus, log: Logger): Promise<void> {
  if (status.leader !== status.memberId) return;
  const voters = (await client.members()).filter(({ isLearner, id }) => !isLearner && id !== status.memberId);
  const [next] = voters;
  if (next === undefined) return;
  try {
    await client.moveLeader(next.id);
  } catch (err) {
    log.debug("Cannot hand the leadership over, defragmenting as leader", { err: errorMessage(err) });
  }
}

/** Holds the lease `k0s-etcd-defragment` while it works and some time after. */
async function inTurn(
  { turns, timing = defaultTiming }: EtcdMaintenanceOptions,
  log: Logger,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  if (turns === undefined) return work();
  const over = new AbortController();
  const elector = createLeaderElector({
    client: await turns.kube(),
    name: "k0s-etcd-defragment",
    identity: turns.identity,
    host: turns.nodeName,
    log,
  });
  const campaign = elector.run(AbortSignal.any([signal, over.signal]));
  try {
    const until = performance.now() + timing.turnMs * 3;
    while (!elector.isLeader && performance.now() < until) await sleep(500, signal);
    if (!elector.isLeader) return;
    await work();
    await sleep(timing.turnMs, signal);
  } finally {
    over.abort();
    await campaign;
  }
}
