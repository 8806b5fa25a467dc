// Under what a manifest was applied that decides, besides the manifest, what becomes of it in the cluster: how k0s applies, and
// which fields the API server drops without a word, as it does with those of a gate that is off. It says in `managedFields` that
// these are there all the same, so an object does not show that it lacks one. What was noted under something else is not believed.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { k0sVersion } from "../product/versions.ts";

type Settings = {
  readonly spec: Pick<ClusterConfig["spec"], "featureGates"> & {
    readonly api: Pick<ClusterConfig["spec"]["api"], "extraArgs" | "rawArgs">;
  };
};

/** A hash: arguments may hold what nobody else is to read. */
export function appliedUnder(
  { spec: { featureGates, api } }: Settings,
  version: string = k0sVersion,
): string {
  const all = [version, featureGates, api.extraArgs, api.rawArgs];
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 32);
}
