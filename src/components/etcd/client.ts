// etcd's API through its JSON gateway, over mutual TLS: members, status, alarms, upkeep. See docs/adr/0014-etcd-by-json.md.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { NodePaths } from "../../product/paths.ts";
import { directFetch } from "../../std/direct-fetch.ts";
import { EtcdError } from "./errors.ts";
import {
  type AlarmReply,
  alarmReply,
  type EtcdMember,
  type EtcdStatus,
  memberReply,
  membersReply,
  statusReply,
} from "./replies.ts";
import { parseTrust, type TrustBundle } from "../../std/trust-bundle.ts";

export interface EtcdCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

export interface EtcdClient {
  members(options?: EtcdCallOptions): Promise<readonly EtcdMember[]>;
  /** Adds a member that does not vote yet; returns it. */
  addLearner(peerUrl: string, options?: EtcdCallOptions): Promise<EtcdMember>;
  /** Makes a learner a voter; fails while it lags behind. */
  promote(id: string, options?: EtcdCallOptions): Promise<void>;
  remove(id: string, options?: EtcdCallOptions): Promise<void>;
  /** Where the others reach a member from now on. */
  updatePeerUrls(id: string, peerUrls: readonly string[], options?: EtcdCallOptions): Promise<void>;
  /** Of the member that this client talks to. */
  status(options?: EtcdCallOptions): Promise<EtcdStatus>;
  alarms(options?: EtcdCallOptions): Promise<readonly AlarmReply[]>;
  disarm(alarm: AlarmReply, options?: EtcdCallOptions): Promise<void>;
  /** Blocks the member's reads and writes while it lasts. Give it time: etcd goes on even when nobody waits any more. */
  defragment(options?: EtcdCallOptions): Promise<void>;
  /** Forgets what was before the revision. */
  compact(revision: string, options?: EtcdCallOptions): Promise<void>;
  /** Only the raft leader can. */
  moveLeader(toId: string, options?: EtcdCallOptions): Promise<void>;
}

export interface EtcdTls {
  readonly ca: TrustBundle;
  readonly cert: string;
  readonly key: string;
}

/** As `fetch` takes it. */
export function fetchTls({ ca, cert, key }: EtcdTls): { ca: string; cert: string; key: string } {
  return { ca: ca.pem, cert, key };
}

export const localEndpoint = "https://127.0.0.1:2379";

type EtcdPaths = Pick<NodePaths, "pkiDir" | "etcdPkiDir">;

/** The member of this host, with kube-apiserver's client certificate. */
export function localEtcdClient(paths: EtcdPaths): EtcdClient {
  return etcdClient(localEndpoint, () => localEtcdTls(paths));
}

/** kube-apiserver's client certificate, as its files say now. */
export async function localEtcdTls(paths: EtcdPaths): Promise<EtcdTls> {
  const read = (path: string): Promise<string> => readFile(path, "utf8");
  const caFile = join(paths.etcdPkiDir, "ca.crt");
  const [ca, cert, key] = await Promise.all([
    read(caFile),
    read(join(paths.pkiDir, "apiserver-etcd-client.crt")),
    read(join(paths.pkiDir, "apiserver-etcd-client.key")),
  ]);
  return { ca: parseTrust(ca, caFile), cert, key };
}

/** Certificates are asked for before each call, so that renewed ones are used. */
function etcdClient(endpoint: string, credentials: () => Promise<EtcdTls>): EtcdClient {
  const call = async (path: string, body: object, options: EtcdCallOptions = {}): Promise<unknown> => {
    const { signal, timeoutMs = 10_000 } = options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const tls = await credentials();
    const answer = await directFetch(`${endpoint}/v3/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      tls: fetchTls(tls),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await answer.text();
    if (!answer.ok) throw errorOf(path, answer.status, text);
    return JSON.parse(text);
  };
  return {
    members: async (options) =>
      membersReply.parse(await call("cluster/member/list", { linearizable: true }, options)).members,
    addLearner: async (peerUrl, options) =>
      memberReply.parse(await call("cluster/member/add", { peerURLs: [peerUrl], isLearner: true }, options))
        .member,
    promote: async (id, options) => void (await call("cluster/member/promote", { ID: decimal(id) }, options)),
    remove: async (id, options) => void (await call("cluster/member/remove", { ID: decimal(id) }, options)),
    updatePeerUrls: async (id, peerURLs, options) =>
      void (await call("cluster/member/update", { ID: decimal(id), peerURLs }, options)),
    status: async (options) => statusReply.parse(await call("maintenance/status", {}, options)),
    alarms: async (options) =>
      alarmReply.parse(await call("maintenance/alarm", { action: "GET" }, options)).alarms,
    disarm: async ({ memberId, alarm }, options) => {
      await call("maintenance/alarm", { action: "DEACTIVATE", memberID: decimal(memberId), alarm }, options);
    },
    defragment: async (options) =>
      void (await call("maintenance/defragment", {}, { timeoutMs: 300_000, ...options })),
    compact: async (revision, options) =>
      void (await call("kv/compaction", { revision, physical: true }, { timeoutMs: 60_000, ...options })),
    moveLeader: async (toId, options) =>
      void (await call("maintenance/transfer-leadership", { targetID: decimal(toId) }, options)),
  };
}

const errorBody = z.object({ code: z.number().optional(), message: z.string() });

function errorOf(path: string, status: number, text: string): EtcdError {
  try {
    const { code, message } = errorBody.parse(JSON.parse(text));
    return new EtcdError(message, code);
  } catch {
    // Not the gateway's own form: the text itself says most.
    return new EtcdError(
      `etcd answered ${path} with status ${status}: ${text.trim().slice(0, 200)}`,
      undefined,
    );
  }
}

/** The gateway wants 64 bit numbers as decimal text. */
function decimal(hexId: string): string {
  return BigInt(`0x${hexId}`).toString();
}
