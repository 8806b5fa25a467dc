// One blob into containerd's content store; containerd verifies its digest when it commits.

import { WriteAction } from "../proto/containerd/services/content/v1/content_pb.js";
import type { Blob } from "../oci/image.ts";
import { isGrpcAlreadyExists, isGrpcNotFound } from "../std/grpc.ts";
import type { ContainerdClient } from "./client.ts";
import type { ContentBlob } from "./image-contents.ts";

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
  const send = async (): Promise<void> => {
    let offset = 0;
    for await (const data of blob.stream()) {
      await write.send({ ...identity, action: WriteAction.WRITE, offset: BigInt(offset), data });
      offset += data.length;
    }
    await write.send({ ...identity, action: WriteAction.COMMIT, offset: BigInt(offset), labels });
    write.end();
  };
  try {
    await Promise.all([send(), drain(write.responses)]);
  } catch (err) {
    // Somebody else has just written the same content.
    if (!isGrpcAlreadyExists(err)) throw err;
  }
}

async function drain(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses);
}
