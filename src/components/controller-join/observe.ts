// What this host already has of a cluster, and so what a start has to do about joining.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { hasMemberData } from "../etcd/member-data.ts";
import { statIfExists } from "../../os/files.ts";
import { readJoinState } from "./state.ts";
import { type JoinPlan, planJoin } from "./plan.ts";

/** Throws a UserError for a state that only a person can put right. */
export async function observeJoin(
  paths: NodePaths,
  { managedEtcd, hasToken }: { readonly managedEtcd: boolean; readonly hasToken: boolean },
): Promise<JoinPlan> {
  const state = await readJoinState(paths.dataDir);
  return planJoin({
    hasToken,
    // Only with etcd has a member data of its own to lose.
    state: managedEtcd || state?.phase === "joining" ? state : undefined,
    sharedDatastore: !managedEtcd,
    hasData: managedEtcd ? await hasMemberData(paths.etcdDataDir) : await hasAuthority(paths),
  });
}

async function hasAuthority({ pkiDir }: NodePaths): Promise<boolean> {
  const found = await Promise.all(["ca.key", "ca.crt"].map((name) => statIfExists(join(pkiDir, name))));
  return found.every((file) => file !== undefined);
}
