// What this host has of a cluster already, and so what a start has to do about joining.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { statIfExists } from "../../os/files.ts";
import { readJoinState } from "./state.ts";
import { type JoinPlan, planJoin } from "./plan.ts";

/** Throws a UserError for a state that only a person can mend. */
export async function observeJoin(
  paths: NodePaths,
  { managedEtcd, hasToken }: { readonly managedEtcd: boolean; readonly hasToken: boolean },
): Promise<JoinPlan> {
  const needed = managedEtcd
    ? [join(paths.etcdDataDir, "member", "snap/db")]
    : ["ca.key", "ca.crt"].map((name) => join(paths.pkiDir, name));
  const found = await Promise.all(needed.map(statIfExists));
  const state = await readJoinState(paths.dataDir);
  return planJoin({
    hasToken,
    // Only with etcd has a member data of its own to lose.
    state: managedEtcd || state?.phase === "joining" ? state : undefined,
    hasData: found.every((file) => file !== undefined),
  });
}
