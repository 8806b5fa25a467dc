// The members of etcd as objects of the cluster: what the leader does for all of them, and what each controller does for its own.

import type { Component } from "../../../supervisor/component.ts";
import type { ControllerNode } from "../../node-facts.ts";
import { localEtcdClient } from "../client.ts";
import type { EtcdNeeds } from "../declaration.ts";
import { etcdMemberName } from "../flags.ts";
import { etcdMemberReconciler } from "./reconciler.ts";
import { etcdMemberRegistration } from "./registration.ts";

export function etcdMembers(node: ControllerNode & EtcdNeeds): readonly Component[] {
  const { client, leader, log, departure } = node;
  const etcd = localEtcdClient(node.paths);
  const memberName = etcdMemberName(node);
  return [
    etcdMemberReconciler({ client, etcd, leader, memberName, log }),
    etcdMemberRegistration({
      client,
      etcd,
      memberName,
      nodeName: node.name,
      invocationId: node.invocationId,
      onLeave: () =>
        departure.begin({ kind: "asked", text: "has left its cluster, as its EtcdMember asked" }),
      log,
    }),
  ];
}
