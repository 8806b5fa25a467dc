// What a starting controller has to do about joining. Pure. Upstream: cmd/controller/controller.go (needToJoin).

import { UserError } from "../../std/errors.ts";
import type { JoinState } from "./state.ts";

export interface JoinFacts {
  readonly hasToken: boolean;
  readonly state: JoinState | undefined;
  /** Managed etcd: its log exists. Any other storage: the cluster's CA exists. */
  readonly hasData: boolean;
  /** Of several controllers: what a join takes over is then all there is to it, and is taken over again. */
  readonly sharedDatastore?: boolean;
}

export type JoinPlan =
  /** A new cluster, or one that this host belongs to already. */
  | { readonly kind: "none" }
  | { readonly kind: "join" }
  /** An earlier join got as far as etcd's data: they are good if the cluster still counts us in. */
  | { readonly kind: "finish" };

export function planJoin({ hasToken, state, hasData, sharedDatastore = false }: JoinFacts): JoinPlan {
  if (hasData && state?.phase !== "joining") return { kind: "none" };
  if (hasToken) return { kind: hasData && !sharedDatastore ? "finish" : "join" };
  if (state === undefined || (hasData && !sharedDatastore)) return { kind: "none" };
  if (state.phase === "joining") {
    throw new UserError("this host began to join a cluster and did not finish", {
      code: "join-unfinished",
      hint: "Start it again with a join token. To make a cluster of its own instead, run `k0s reset` first.",
    });
  }
  throw new UserError("this host belongs to a cluster, but its etcd data are gone", {
    code: "isolated-rejoin",
    hint: "Starting now would make a second cluster with the same certificates. Remove the old member (`k0s etcd leave --peer-address` on another controller) and start this host with a new join token, or run `k0s reset` to begin anew.",
  });
}
