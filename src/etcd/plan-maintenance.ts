// When a member's database is worth defragmenting, and what to do about an alarm. Pure.

import type { AlarmReply, EtcdStatus } from "./replies.ts";

export type MaintenanceStep =
  | { readonly action: "none" }
  /** Give the space of deleted revisions back to the disk; the member does not answer meanwhile. */
  | { readonly action: "defragment" }
  /** The quota is used up, the cluster takes no writes: make room at once. */
  | { readonly action: "make-room"; readonly alarm: AlarmReply }
  /** There is room again. */
  | { readonly action: "disarm"; readonly alarm: AlarmReply };

/** Below this a defragmentation is not worth the pause. */
const smallest = 64 * 2 ** 20;
/** At most this share of the file is in use. */
const wastefulShare = 0.5;
/** A database of less than this share of its quota may be written to again. */
const roomyShare = 0.9;

export function planMaintenance(status: EtcdStatus, alarms: readonly AlarmReply[]): MaintenanceStep {
  const full = alarms.find(({ memberId, alarm }) => memberId === status.memberId && alarm === "NOSPACE");
  if (full !== undefined) {
    const roomy = status.dbSizeQuota > 0 && status.dbSize < status.dbSizeQuota * roomyShare;
    return roomy ? { action: "disarm", alarm: full } : { action: "make-room", alarm: full };
  }
  const wasteful = status.dbSize >= smallest && status.dbSizeInUse <= status.dbSize * wastefulShare;
  return wasteful ? { action: "defragment" } : { action: "none" };
}
