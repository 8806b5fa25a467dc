// What this host already has of a cluster, and so what a start has to do about joining.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { readClusterFacts } from "./cluster-facts.ts";
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
  if (managedEtcd) return planJoin({ hasToken, state, hasData: await hasMemberData(paths.etcdDataDir) });
  const hasData = await hasAuthority(paths);
  // Only with etcd has a member data of its own to lose.
  const unfinished = state?.phase === "joining" && !(hasData && (await knowsItsCluster(paths)));
  return planJoin({ hasToken, state: unfinished ? state : undefined, hasData, sharedDatastore: true });
}

/** Noted last of what a join takes over, so the authority is whole; older versions did not always say `member` then. */
async function knowsItsCluster({ dataDir }: NodePaths): Promise<boolean> {
  return (await readClusterFacts(dataDir))?.clusterUid !== undefined;
}

async function hasAuthority({ pkiDir }: NodePaths): Promise<boolean> {
  const found = await Promise.all(["ca.key", "ca.crt"].map((name) => statIfExists(join(pkiDir, name))));
  return found.every((file) => file !== undefined);
}
