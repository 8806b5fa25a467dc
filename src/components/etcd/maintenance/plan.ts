// When a member's database is worth defragmenting, and what to do about an alarm. Pure.

import type { AlarmReply, EtcdStatus } from "../replies.ts";

export type MaintenanceStep =
  | { readonly action: "none" }
  /** Give the space of deleted revisions back to the disk; the member does not answer meanwhile. */
  | {
      readonly action: "defragment";
      /** The quota counts the file, empty pages and all: this one is near it. */
      readonly urgent: boolean;
    }
  /** The quota is used up, the cluster takes no writes: make room at once. */
  | { readonly action: "make-room" }
  /** There is room again. */
  | { readonly action: "disarm"; readonly alarm: AlarmReply };

/** Below this a defragmentation is not worth the pause. */
const smallest = 64 * 2 ** 20;
/** At most this share of the file is in use. */
const wastefulShare = 0.5;
/** A file of this share of its quota is near it; less than this share of it in use, something can be done about that. */
const nearShare = 0.8;
/** A database of less than this share of its quota may be written to again. */
const roomyShare = 0.9;

/**
 * An alarm of any member makes each one look at its own file: they fill up together, and one that stays full would only raise
 * the next alarm.
 */
export function planMaintenance(status: EtcdStatus, alarms: readonly AlarmReply[]): MaintenanceStep {
  const full = alarms.filter(({ alarm }) => alarm === "NOSPACE");
  if (full.length > 0) {
    if (!isRoomy(status, status.dbSize)) return { action: "make-room" };
    const own = full.find(({ memberId }) => memberId === status.memberId);
    return own === undefined ? { action: "none" } : { action: "disarm", alarm: own };
  }
  const urgent =
    status.dbSizeQuota > 0 &&
    status.dbSize >= status.dbSizeQuota * nearShare &&
    status.dbSizeInUse <= status.dbSize * nearShare;
  const wasteful = status.dbSize >= smallest && status.dbSizeInUse <= status.dbSize * wastefulShare;
  return urgent || wasteful ? { action: "defragment", urgent } : { action: "none" };
}

/** Whether the file would be small enough without its empty pages. If not, somebody has to delete objects. */
export function defragmentingMakesRoom(status: EtcdStatus): boolean {
  return isRoomy(status, status.dbSizeInUse);
}

function isRoomy({ dbSizeQuota }: EtcdStatus, bytes: number): boolean {
  return dbSizeQuota > 0 && bytes < dbSizeQuota * roomyShare;
}

export interface TurnTiming {
  /** How long a member keeps its turn after the work, so that it can catch up. */
  readonly holdMs: number;
  /** Allowed to each follower for the work itself. */
  readonly workMs: number;
}

/** How long the leader leaves the others their turns before it asks for one: it comes last, so that it hands over once. */
export function patienceOfLeader(voters: number, { holdMs, workMs }: TurnTiming): number {
  return Math.max(0, voters - 1) * (holdMs + workMs);
}
