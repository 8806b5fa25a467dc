// What a controller runs only where there can be others beside it: leases, leader election, the join API.
// Upstream: cmd/controller/controller.go.

import { isEtcdManaged, localApiUrl } from "../../config/derived.ts";
import { adminKubeconfig } from "../../components/kube-apiserver/admin-kubeconfig.ts";
import { activeControllers, controllerLease } from "../../components/controller-leases/component.ts";
import { etcdMemberReconciler } from "../../components/etcd/members/reconciler.ts";
import { etcdMemberRegistration } from "../../components/etcd/members/registration.ts";
import { leaderElection } from "../../components/controller-leases/leader-election.ts";
import { localEtcdClient } from "../../components/etcd/client.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import { controlApiDeclaration } from "../../components/controller-join/declaration.ts";
import { runs } from "../../supervisor/declaration.ts";
import { joinServer } from "../../components/controller-join/server.ts";
import { joinHostPort } from "../../std/ip.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { Component } from "../../supervisor/component.ts";
import { etcdMemberName } from "./cluster-membership.ts";
import type { ControllerNode } from "./facts.ts";

export function sharedControlPlane(node: ControllerNode): readonly Component[] {
  const { config, options, io, client, leader, claim, name } = node;
  const { paths } = options;
  const { address, port } = config.spec.api;
  const etcd = isEtcdManaged(config) ? localEtcdClient(paths) : undefined;
  const memberName = etcdMemberName(node);
  const observer = createLeaseObserver();
  return [
    leaderElection(leader),
    ...(etcd === undefined
      ? []
      : [
          etcdMemberReconciler({ client, etcd, leader, memberName, log: io.log }),
          etcdMemberRegistration({
            client,
            etcd,
            memberName,
            nodeName: name,
            invocationId: claim.invocationId,
            onLeave: () => node.departure.begin("asked"),
            log: io.log,
          }),
        ]),
    controllerLease({
      client: node.leaseClient,
      nodeName: name,
      holder: node.holder,
      apiAddress: joinHostPort(address, port),
      log: io.log,
    }),
    adminKubeconfig({ paths, server: localApiUrl(config), client, log: io.log }),
    ...(runs(controlApiDeclaration, { ...options, config })
      ? [
          joinServer({
            config,
            paths,
            version: k0sVersion,
            client,
            etcd,
            controllers: async (signal) => activeControllers(await client(), { observer, signal }),
            log: io.log,
          }),
        ]
      : []),
  ];
}
