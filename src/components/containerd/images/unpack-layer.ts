// One layer of an image becomes a snapshot: what containerd's own client does in core/unpack, without fetching.

import type { Mount } from "../../../proto/containerd/types/mount_pb.js";
import { isGrpcAlreadyExists, isGrpcNotFound } from "../../../std/grpc.ts";
import type { ContainerdClient } from "../client.ts";
import type { ImageLayer } from "./contents.ts";

export interface UnpackOptions {
  readonly snapshotter: string;
  readonly lease: string;
  readonly signal?: AbortSignal;
}

export async function hasSnapshot(
  client: ContainerdClient,
  chainId: string,
  options: { readonly snapshotter: string; readonly signal?: AbortSignal },
): Promise<boolean> {
  try {
    const call = options.signal === undefined ? {} : { signal: options.signal };
    await client.snapshots.stat({ snapshotter: options.snapshotter, key: chainId }, call);
    return true;
  } catch (err) {
    if (isGrpcNotFound(err)) return false;
    throw err;
  }
}

/** The blob must be in the content store, and the snapshot `parent` must exist. */
export async function unpackLayer(
  client: ContainerdClient,
  layer: ImageLayer,
  parent: string,
  options: UnpackOptions,
): Promise<void> {
  const { snapshotter } = options;
  const call = {
    metadata: { "containerd-lease": options.lease },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const key = `extract-k0s-${crypto.randomUUID()} ${layer.chainId}`;
  const { mounts } = await client.snapshots.prepare({ snapshotter, key, parent }, call);
  try {
    await applyLayer(client, layer, mounts, call);
    await client.snapshots.commit({ snapshotter, name: layer.chainId, key }, call);
  } catch (err) {
    await client.snapshots.remove({ snapshotter, key }).catch(() => undefined);
    if (!isGrpcAlreadyExists(err)) throw err;
  }
}

async function applyLayer(
  client: ContainerdClient,
  layer: ImageLayer,
  mounts: Mount[],
  call: object,
): Promise<void> {
  const { mediaType, digest, size } = layer.descriptor;
  const { applied } = await client.diff.apply(
    { diff: { mediaType, digest, size: BigInt(size) }, mounts },
    call,
  );
  if (applied?.digest === layer.diffId) return;
  throw new Error(`layer ${digest} unpacked to ${applied?.digest ?? "nothing"} instead of ${layer.diffId}`);
}
