// One blob into containerd's content store, as far as it is not there yet; containerd verifies the digest of what it is sent.

import { WriteAction } from "../../../proto/containerd/services/content/v1/content_pb.js";
import type { Blob } from "../../../oci/image.ts";
import { isGrpcAlreadyExists, isGrpcNotFound } from "../../../std/grpc.ts";
import type { ContainerdClient } from "../client.ts";
import type { ContentBlob } from "./contents.ts";

export interface UploadOptions {
  readonly lease: string;
  readonly signal?: AbortSignal;
}

export async function hasBlob(
  client: ContainerdClient,
  digest: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await client.content.info({ digest }, signal === undefined ? {} : { signal });
    return true;
  } catch (err) {
    if (isGrpcNotFound(err)) return false;
    throw err;
  }
}

/**
 * One message at a time, each smaller than the first flow-control window: Bun's HTTP/2 client stalls for good when the
 * server widens the window (which gRPC servers do as they measure the link) while a stream waits for room.
 */
const messageBytes = 48 * 1024;

export async function uploadBlob(
  client: ContainerdClient,
  { descriptor, labels }: ContentBlob,
  blob: Blob,
  options: UploadOptions,
): Promise<void> {
  const write = client.content.write({
    metadata: { "containerd-lease": options.lease },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const identity = {
    ref: `k0s-${descriptor.digest}`,
    total: BigInt(descriptor.size),
    expected: descriptor.digest,
  };
  const answers = write.responses[Symbol.asyncIterator]();
  try {
    await write.send({ ...identity, action: WriteAction.STAT });
    const present = await answers.next();
    // As long is not enough: what an import before this one has left unfinished may be content that was refused.
    const isThere =
      present.done !== true &&
      present.value.offset === identity.total &&
      present.value.digest === identity.expected;
    let offset = isThere ? descriptor.size : 0;
    for await (const chunk of isThere ? [] : blob.stream()) {
      for (let start = 0; start < chunk.length; start += messageBytes) {
        const data = chunk.subarray(start, start + messageBytes);
        await write.send({ ...identity, action: WriteAction.WRITE, offset: BigInt(offset), data });
        await answers.next();
        offset += data.length;
      }
    }
    await write.send({ ...identity, action: WriteAction.COMMIT, offset: BigInt(offset), labels });
    write.end();
    for (let answer = await answers.next(); answer.done !== true; answer = await answers.next());
  } catch (err) {
    // Somebody else has just written the same content.
    if (!isGrpcAlreadyExists(err)) throw err;
  }
}
