// Answers of etcd's JSON gateway: zero values are left out, 64 bit numbers are decimal text. Member ids become hex, as
// etcd prints them.

import * as z from "zod";

const number = z
  .string()
  .default("0")
  .transform((text) => Number(text));
const id = z
  .string()
  .default("0")
  .transform((text) => BigInt(text).toString(16));

const member = z
  .object({
    ID: id,
    name: z.string().default(""),
    peerURLs: z.array(z.string()).default([]),
    isLearner: z.boolean().default(false),
  })
  .transform(({ ID, name, peerURLs, isLearner }) => ({ id: ID, name, peerUrls: peerURLs, isLearner }));

/** `name` is empty until the member has started for the first time. */
export type EtcdMember = z.output<typeof member>;

export const membersReply = z.object({ members: z.array(member).default([]) });
export const memberReply = z.object({ member });

export const statusReply = z
  .object({
    header: z.object({ member_id: id, revision: z.string().default("0") }),
    version: z.string().default(""),
    dbSize: number,
    dbSizeInUse: number,
    dbSizeQuota: number,
    leader: id,
    raftIndex: number,
    raftAppliedIndex: number,
    raftTerm: number,
    isLearner: z.boolean().default(false),
    errors: z.array(z.string()).default([]),
  })
  .transform(({ header, ...rest }) => ({ memberId: header.member_id, revision: header.revision, ...rest }));
export type EtcdStatus = z.output<typeof statusReply>;

const alarm = z
  .object({ memberID: id, alarm: z.string().default("NONE") })
  .transform(({ memberID, alarm: kind }) => ({ memberId: memberID, alarm: kind }));
export type AlarmReply = z.output<typeof alarm>;
export const alarmReply = z.object({ alarms: z.array(alarm).default([]) });
