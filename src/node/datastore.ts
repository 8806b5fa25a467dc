// Where the cluster's objects are kept, as components: our etcd, kine with or without a database server, or somebody
// else's etcd. Reference §2.4, §7.2, §7.3.

import { externalEtcdOf } from "../config/derived.ts";
import { databaseServer } from "../controller/database-server.ts";
import { etcd, type EtcdOptions } from "../controller/etcd.ts";
import { etcdPeerUrls } from "../controller/etcd-flags.ts";
import { etcdPeerAddress } from "../controller/etcd-peer-address.ts";
import { externalEtcd } from "../controller/external-etcd.ts";
import { kine } from "../controller/kine.ts";
import type { ProcessContext } from "../controller/process-context.ts";
import { localEtcdClient } from "../etcd/client.ts";
import { etcdMaintenance } from "../etcd/maintenance.ts";
import type { TurnOptions } from "../etcd/maintenance-turn.ts";
import type { Component } from "../supervisor/component.ts";

export interface Datastore {
  /** The one that kube-apiserver needs. */
  readonly name: string;
  /** What has to be unpacked for it. */
  readonly programs: readonly string[];
  readonly components: readonly Component[];
}

/** `dependsOn`: what our own processes need before they can start. */
export function datastoreOf(
  context: ProcessContext,
  options: {
    readonly etcd: EtcdOptions;
    /** Absent where etcd can have one member only. */
    readonly turns: TurnOptions | undefined;
    readonly dependsOn: readonly string[];
  },
): Datastore {
  const { dependsOn } = options;
  const { storage } = context.config.spec;
  if (storage.type === "kine") {
    const server = databaseServer(storage.kine.dataSource, context.log);
    const waits = server === undefined ? dependsOn : [...dependsOn, server.name];
    const process = { ...kine(context), dependsOn: waits };
    return {
      name: process.name,
      programs: ["kine"],
      components: server === undefined ? [process] : [server, process],
    };
  }
  const external = externalEtcdOf(context.config);
  if (external !== undefined) {
    const service = externalEtcd(context, external);
    return { name: service.name, programs: [], components: [service] };
  }
  const member = { ...etcd(context, options.etcd), dependsOn };
  const { paths, log } = context;
  const client = localEtcdClient(paths);
  const address = etcdPeerAddress({ client, peerUrls: etcdPeerUrls(context.config), log });
  const upkeep = etcdMaintenance({
    client,
    turns: options.turns,
    runDir: paths.runDir,
    log,
  });
  return { name: member.name, programs: ["etcd"], components: [member, address, upkeep] };
}
