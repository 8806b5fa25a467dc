// A member's whole database at one moment, through etcd's JSON gateway: it ends with a digest, which a restore checks.

import * as z from "zod";
import { directFetch } from "../../std/direct-fetch.ts";
import { type EtcdTls, fetchTls } from "./client.ts";
import { EtcdError } from "./errors.ts";

const pieceSchema = z.object({
  result: z.object({ blob: z.string().default(""), remaining_bytes: z.string().default("0") }).optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** A member that is stopped or hangs says nothing more. */
const idleMs = 60_000;

/** The pieces of the file, in order. Throws an EtcdError if etcd ends before it has sent all, or sends nothing for a minute. */
export async function* etcdSnapshot(
  endpoint: string,
  tls: EtcdTls,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new EtcdError("etcd sends nothing any more", undefined)), idleMs);
  try {
    const answer = await directFetch(`${endpoint}/v3/maintenance/snapshot`, {
      method: "POST",
      body: "{}",
      tls: fetchTls(tls),
      signal: AbortSignal.any([signal, idle.signal]),
    });
    if (!answer.ok || answer.body === null)
      throw new EtcdError(`etcd answered with status ${answer.status}`, undefined);
    for await (const piece of snapshotPieces(answer.body)) {
      timer.refresh();
      yield piece;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Of the gateway's answer: one JSON document a line. */
export async function* snapshotPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let remaining: string | undefined;
  let size = 0;
  for await (const line of linesOf(body)) {
    const { result, error } = pieceSchema.parse(JSON.parse(line));
    if (error !== undefined) throw new EtcdError(error.message, undefined);
    if (result === undefined) continue;
    remaining = result.remaining_bytes;
    const piece = Buffer.from(result.blob, "base64");
    size += piece.length;
    yield piece;
  }
  if (remaining !== "0" || size % page !== digestBytes)
    throw new EtcdError("the snapshot is cut short", undefined);
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString("utf8");
      parts = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) parts.push(rest);
  }
  const last = Buffer.concat(parts).toString("utf8").trim();
  if (last !== "") yield last;
}

const newline = 0x0a;
/** A database has whole pages, after which comes the digest: etcdutl knows by that whether there is one. */
const page = 512;
const digestBytes = 32;
