// Reads one value through kine's socket. kine speaks etcd's gRPC alone, without the JSON gateway that `client.ts` uses.

import { KV } from "../../proto/etcd/kv_pb.js";
import { grpcChannel } from "../../std/grpc.ts";

const timeoutMs = 10_000;

/** Undefined when there is no such key. Throws the gRPC error when kine does not answer within 10 s. */
export async function kineValue(
  socket: string,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const channel = grpcChannel(`unix:${socket}`);
  try {
    const { kvs } = await channel.service(KV).range({ key: Buffer.from(key) }, { signal, timeoutMs });
    return kvs[0]?.value;
  } finally {
    channel.close();
  }
}
