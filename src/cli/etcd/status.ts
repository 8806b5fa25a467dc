// `k0s etcd status`: how this host's member is. Upstream does not have it.

import { type MaintenanceRecord, readMaintenanceRecord } from "../../components/etcd/maintenance/record.ts";
import type { AlarmReply, EtcdMember, EtcdStatus } from "../../components/etcd/replies.ts";
import { defragmentingMakesRoom } from "../../components/etcd/maintenance/plan.ts";
import { formatTable } from "../../std/text-table.ts";
import { askEtcd, askOptions } from "./ask.ts";
import { localMember } from "./member.ts";
import type { CliIo } from "../core/io.ts";
import { formatAge, printJson } from "../core/output.ts";

interface Flags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly out: string;
}

interface Report {
  readonly status: EtcdStatus;
  readonly members: readonly EtcdMember[];
  readonly alarms: readonly AlarmReply[];
  readonly defragmented: MaintenanceRecord | null;
}

export async function etcdStatus(flags: Flags, io: CliIo): Promise<number> {
  const member = await localMember(flags, io);
  const { client, paths } = member;
  const ask = (signal: AbortSignal) =>
    Promise.all([
      client.status({ signal }),
      client.members({ signal }),
      client.alarms({ signal }),
      readMaintenanceRecord(paths.runDir),
    ]);
  const [status, members, alarms, defragmented] = await askEtcd(ask, askOptions(member, io));
  const report: Report = { status, members, alarms, defragmented: defragmented ?? null };
  if (flags.out === "json") printJson(io, report);
  else io.out(etcdStatusText(report, Date.now()));
  return alarms.length === 0 && status.errors.length === 0 ? 0 : 1;
}

export function etcdStatusText({ status, members, alarms, defragmented }: Report, now: number): string {
  const name = (id: string): string => members.find((member) => member.id === id)?.name ?? id;
  const quota = status.dbSizeQuota > 0 ? `, quota ${size(status.dbSizeQuota)}` : "";
  const share =
    status.dbSizeQuota > 0 ? ` (${Math.round((status.dbSize / status.dbSizeQuota) * 100)} % used)` : "";
  const problems = [...alarms.map((alarm) => `${alarm.alarm} on ${name(alarm.memberId)}`), ...status.errors];
  const lines = [
    ["Member", `${name(status.memberId)} (${status.memberId}), etcd ${status.version}`],
    ["Role", status.isLearner ? "learner" : status.leader === status.memberId ? "leader" : "follower"],
    ["Leader", status.leader === "0" ? "none" : name(status.leader)],
    ["Database", `${size(status.dbSizeInUse)} in use of ${size(status.dbSize)}${quota}${share}`],
    ["Raft", `term ${status.raftTerm}, index ${status.raftIndex}, applied ${status.raftAppliedIndex}`],
    ["Alarms", problems.length === 0 ? "none" : problems.join(", ")],
    ...needOf(status, alarms),
    ["Defragmented", defragmentedText(defragmented, now)],
  ] as readonly (readonly [string, string])[];
  const rows = members.map((member) => [
    member.name || "(not started)",
    member.id,
    member.peerUrls.join(","),
    member.isLearner ? "learner" : "voter",
  ]);
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  return [
    ...lines.map(([label, text]) => `${label.padEnd(width)}${text}\n`),
    "\n",
    formatTable(["MEMBER", "ID", "PEER", "ROLE"], rows),
  ].join("");
}

/** What to do about a quota that is used up. */
function needOf(status: EtcdStatus, alarms: readonly AlarmReply[]): readonly (readonly [string, string])[] {
  if (!alarms.some(({ alarm }) => alarm === "NOSPACE")) return [];
  const text = defragmentingMakesRoom(status)
    ? "k0s is making room, writes go on within seconds"
    : "no writes are taken: delete objects, or raise quota-backend-bytes; k0s then lifts the alarm";
  return [["Quota", text]];
}

function defragmentedText(record: MaintenanceRecord | null, now: number): string {
  if (record === null) return "not since k0s was started";
  const freed = size(Math.max(0, record.bytesBefore - record.bytesAfter));
  return `${formatAge(now - Date.parse(record.at))} ago, ${freed} freed, ${record.tookMs} ms`;
}

function size(bytes: number): string {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
