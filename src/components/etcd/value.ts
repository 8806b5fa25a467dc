// Reads one value from etcd through its JSON gateway; `client.ts` is about etcd itself, this about what is in it.

import { directFetch } from "../../std/direct-fetch.ts";
import { rangeReply } from "./replies.ts";
import type { EtcdTls } from "./client.ts";

const timeoutMs = 10_000;

export interface EtcdAccess {
  /** `https://127.0.0.1:2379` */
  readonly endpoint: string;
  /** Undefined for plain HTTP. */
  readonly tls: EtcdTls | undefined;
}

/** Undefined when there is no such key. Throws when etcd, or its quorum, does not answer within 10 s. */
export async function etcdValue(
  { endpoint, tls }: EtcdAccess,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const answer = await directFetch(`${endpoint}/v3/kv/range`, {
    method: "POST",
    body: JSON.stringify({ key: Buffer.from(key).toString("base64") }),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`etcd at ${endpoint} answered with status ${answer.status}: ${text.trim()}`);
  const [found] = rangeReply.parse(JSON.parse(text)).kvs;
  return found === undefined ? undefined : Buffer.from(found.value, "base64");
}
