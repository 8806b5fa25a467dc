// Looks after the database of this host's etcd member: defragments it when half of it is empty, makes room and lifts the
// alarm when the quota is used up. See docs/adr/0035-etcd-upkeep.md.

import { formatBytes } from "../../../std/bytes.ts";
import { errorMessage } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import { createLoop } from "../../../std/loop.ts";
import type { Component } from "../../../supervisor/component.ts";
import { task } from "../../../supervisor/task.ts";
import type { EtcdClient } from "../client.ts";
import { type MaintenanceRecord, writeMaintenanceRecord } from "./record.ts";
import {
  alwaysMyTurn,
  defragmentLimitMs,
  type MaintenanceTurn,
  maintenanceTurn,
  type TurnOptions,
} from "./turn.ts";
import { defragmentingMakesRoom, patienceOfLeader, planMaintenance } from "./plan.ts";
import type { AlarmReply, EtcdStatus } from "../replies.ts";
import { etcdDeclaration } from "../declaration.ts";

export interface EtcdMaintenanceOptions {
  readonly client: EtcdClient;
  /** Undefined where this is the only member there can be. */
  readonly turns: TurnOptions | undefined;
  readonly runDir: string;
  readonly log: Logger;
}

const timing = {
  /** An alarm stops all writes: it is looked for often. */
  checkMs: 10_000,
  /** Space that is wasted again and again is also used again and again: it is not worth a pause every few minutes. */
  restMs: 3_600_000,
  holdMs: 30_000,
  holdAfterFailureMs: 300_000,
  workMs: 30_000,
};

export function etcdMaintenance(options: EtcdMaintenanceOptions): Component {
  const { client, turns } = options;
  const log = options.log.with({ component: "etcd-maintenance" });
  const stopping = new AbortController();
  const turn: MaintenanceTurn =
    turns === undefined ? alwaysMyTurn : maintenanceTurn(turns, log, stopping.signal);
  let wastefulSince: number | undefined;
  let defragmentedAt = -Infinity;
  let alarmed = false;
  /** Why no writes are taken, once everything that k0s can do is done. */
  let full: string | undefined;

  const defragment = async (
    before: EtcdStatus,
    reason: MaintenanceRecord["reason"],
    signal: AbortSignal,
  ): Promise<void> => {
    const startedAt = performance.now();
    await client.defragment({ signal, timeoutMs: defragmentLimitMs });
    const { dbSize } = await client.status({ signal });
    const tookMs = Math.round(performance.now() - startedAt);
    const bytes = { bytesBefore: before.dbSize, bytesAfter: dbSize };
    log.info("Defragmented etcd's database", { ...bytes, tookMs, reason });
    defragmentedAt = performance.now();
    await writeMaintenanceRecord(options.runDir, { at: new Date().toISOString(), reason, ...bytes, tookMs });
  };

  const makeRoom = async (
    { revision, dbSize, dbSizeQuota }: EtcdStatus,
    signal: AbortSignal,
  ): Promise<void> => {
    if (!alarmed) log.warn("etcd's quota is used up, making room", { quota: dbSizeQuota, size: dbSize });
    alarmed = true;
    await client.compact(revision, { signal }).catch((err: unknown) => {
      log.debug("Nothing to compact", { err: errorMessage(err) });
    });
    const status = await client.status({ signal });
    const { dbSizeQuota: quota, dbSizeInUse: used } = status;
    if (defragmentingMakesRoom(status)) {
      full = undefined;
      return defragment(status, "quota", signal);
    }
    if (full === undefined) {
      log.error("etcd's quota is used up by what is in the cluster: delete objects, or raise the quota", {
        quota,
        used,
        setting: "spec.storage.etcd.extraArgs.quota-backend-bytes",
      });
    }
    full = `etcd's quota of ${formatBytes(quota)} is used up, the cluster takes no writes: delete objects, or raise quota-backend-bytes`;
  };

  /** Followers first. */
  const defragmentInTurn = async (
    status: EtcdStatus,
    urgent: boolean,
    signal: AbortSignal,
  ): Promise<void> => {
    const now = performance.now();
    wastefulSince ??= now;
    if (!urgent && now - defragmentedAt < timing.restMs) return;
    const leads = status.leader === status.memberId;
    if (leads && !turn.isMine) {
      const voters = (await client.members({ signal })).filter(({ isLearner }) => !isLearner);
      if (now - wastefulSince < patienceOfLeader(voters.length, timing)) return;
    }
    turn.ask();
    if (!turn.isMine) return;
    if (leads) await handOver(client, status, log);
    try {
      await defragment(status, "wasted-space", signal);
    } catch (err) {
      // Nobody knows whether etcd still does it.
      turn.end(timing.holdAfterFailureMs);
      throw err;
    }
    turn.end(timing.holdMs);
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const [status, alarms] = await Promise.all([client.status({ signal }), client.alarms({ signal })]);
    const step = planMaintenance(status, alarms);
    if (step.action !== "make-room") {
      alarmed = false;
      full = undefined;
    }
    if (step.action !== "defragment") {
      wastefulSince = undefined;
      turn.end(0);
    }
    switch (step.action) {
      case "make-room": {
        await makeRoom(status, signal);
        // The alarm is lifted without waiting for the next look.
        const now = planMaintenance(await client.status({ signal }), alarms);
        if (now.action === "disarm") await disarm(client, now.alarm, log);
        return;
      }
      case "disarm":
        return disarm(client, step.alarm, log);
      case "defragment":
        return defragmentInTurn(status, step.urgent, signal);
      case "none":
        return;
    }
  };

  const looking = createLoop({
    name: "upkeep of etcd",
    log,
    everyMs: timing.checkMs,
    backoff: { firstMs: timing.checkMs, longestMs: timing.checkMs },
    // etcd's own health tells that etcd does not answer.
    quietFailures: Number.POSITIVE_INFINITY,
    patienceMs: Number.POSITIVE_INFINITY,
    round: look,
  });

  return task({
    name: "etcd-maintenance",
    dependsOn: [etcdDeclaration],
    parts: [looking],
    health: () => {
      if (full !== undefined) throw new Error(full);
    },
    end: async () => {
      stopping.abort();
      await turn.ended;
    },
  });
}

async function disarm(client: EtcdClient, alarm: AlarmReply, log: Logger): Promise<void> {
  await client.disarm(alarm);
  log.warn("etcd has room again, lifted the alarm", { alarm: alarm.alarm });
}

/** Writes go on without a pause if another member leads meanwhile. */
async function handOver(client: EtcdClient, status: EtcdStatus, log: Logger): Promise<void> {
  const voters = (await client.members()).filter(({ isLearner, id }) => !isLearner && id !== status.memberId);
  const [next] = voters;
  if (next === undefined) return;
  try {
    await client.moveLeader(next.id);
    log.info("Handed the leadership of etcd over before a pause", { to: next.name });
  } catch (err) {
    log.debug("Cannot hand the leadership over, defragmenting as leader", { err: errorMessage(err) });
  }
}
