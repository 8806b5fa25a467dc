// Who leads, where there can be several controllers. The elector is there from the beginning, so that tasks can listen to it;
// it campaigns once the API answers. Upstream: pkg/component/controller/leaderelector/leasepool.go.

import { createLeaderElector, type LeaderElector, type LeaderElectorOptions } from "../../kube/lease.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

/** Upstream's name for the lease of the one k0s leader; it does much more than endpoints. */
const leaseName = "k0s-endpoint-reconciler";

export function electedLeader(
  options: Pick<LeaderElectorOptions, "client" | "holder" | "log">,
): LeaderElector {
  const log = options.log.with({ component: "leader-election" });
  return createLeaderElector({ ...options, name: leaseName, log });
}

export function leaderElection(leader: LeaderElector): Component {
  return task({ name: "leader-election", dependsOn: [kubeApiserverDeclaration], parts: [leader] });
}
