// The etcd member of this host, for commands: refused where k0s runs none. Upstream: cmd/etcd/etcd.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import type { NodePaths } from "../../product/paths.ts";
import { type EtcdClient, localEtcdClient } from "../../components/etcd/client.ts";
import { EtcdError } from "../../components/etcd/errors.ts";
import { describeConnectionFailure } from "../../std/connection-failure.ts";
import { isNotFound, UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { nodeConfig } from "../core/node-config.ts";

export interface LocalMember {
  readonly client: EtcdClient;
  readonly config: ClusterConfig;
  readonly paths: NodePaths;
}

export async function localMember(
  flags: { readonly dataDir: string; readonly statusSocket: string },
  io: CliIo,
): Promise<LocalMember> {
  const paths = await livePaths(flags, io);
  const config = await nodeConfig(paths, undefined, io);
  const { type } = config.spec.storage;
  if (type !== "etcd") {
    throw new UserError(`there is no etcd in this cluster: its objects are kept by ${type}`, {
      code: "wrong-storage",
      hint: "`k0s status` shows how the datastore is.",
    });
  }
  if (!isEtcdManaged(config)) {
    throw new UserError("command 'k0s etcd' does not support external etcd cluster", {
      code: "external-etcd",
      hint: "Use etcdctl against the cluster itself.",
    });
  }
  return { client: localEtcdClient(paths), config, paths };
}

/** Turns what etcd or the connection to it refused into a sentence. */
export function etcdFailure(err: unknown): never {
  if (err instanceof EtcdError) {
    throw new UserError(`etcd refuses: ${err.message.replace(/^etcdserver: /, "")}`, {
      code: "etcd-refused",
      cause: err,
    });
  }
  const why = isNotFound(err) ? "there are no certificates for it" : describeConnectionFailure(err);
  if (why === undefined) throw err;
  throw new UserError(`cannot ask the etcd member of this host: ${why}`, {
    code: "etcd-down",
    hint: "Is this a controller, does k0s run on it, and are you root? `k0s status` shows how etcd is.",
    cause: err,
  });
}
