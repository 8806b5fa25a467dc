// How a controller becomes part of its cluster: the join, and its place in etcd.

import { isEtcdManaged } from "../../config/derived.ts";
import type { EtcdOptions } from "../../components/etcd/component.ts";
import { localEtcdClient } from "../../components/etcd/client.ts";
import { leaveCluster } from "../../components/etcd/members/leave.ts";
import { joinSession } from "../../components/controller-join/session.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { Component } from "../../supervisor/component.ts";
import { prepareEtcdCertificates } from "./certificates.ts";
import type { ControllerNode } from "./facts.ts";

export interface ClusterMembership {
  /** Of the etcd member. */
  readonly name: string;
  readonly components: readonly Component[];
  /** What the datastore has to wait for. */
  readonly prepared: readonly string[];
  readonly etcd: Pick<EtcdOptions, "initialCluster" | "onReady" | "onRemoved" | "beforeStop">;
}

export function etcdMemberName({ config, name }: ControllerNode): string {
  return config.spec.storage.etcd.extraArgs["name"] ?? name;
}

export function clusterMembership(node: ControllerNode): ClusterMembership {
  const { config, options, io } = node;
  const managedEtcd = isEtcdManaged(config);
  const name = etcdMemberName(node);
  const session = joinSession({
    config,
    paths: options.paths,
    source: options.joinToken,
    name: node.name,
    memberName: name,
    version: k0sVersion,
    managedEtcd,
    etcdUid: node.users.get("etcd")?.uid ?? 0,
    log: io.log,
    progress: io.progress,
  });
  const membership = session.etcdMembership(async () => void (await prepareEtcdCertificates(node)));
  return {
    name,
    components: managedEtcd ? [session.join, membership] : [session.join],
    prepared: managedEtcd ? [membership.name] : [],
    etcd: {
      initialCluster: session.initialCluster,
      onReady: session.complete,
      onRemoved: () => node.departure.begin("removed"),
      beforeStop: async () => {
        if (node.departure.reason === "asked") await leaveCluster(localEtcdClient(options.paths), io.log);
      },
    },
  };
}
