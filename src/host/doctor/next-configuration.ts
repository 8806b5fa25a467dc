// The configuration that the next start of a controller takes, and why that start would refuse it.

import { assertSameFacts, lastingFactsOf } from "../../components/controller-join/cluster-facts.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { defaultConfigPath, loadClusterConfig } from "../../config/load.ts";
import { publicAddress } from "../../os/addresses.ts";
import { statIfExists } from "../../os/files.ts";
import type { NodePaths } from "../../product/paths.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { UserError } from "../../std/errors.ts";
import type { ExaminedNode } from "./examined-node.ts";
import { flagValue, isFlagSet } from "./service-flags.ts";

export interface NextConfiguration extends Pick<ExaminedNode, "configTrouble"> {
  /** Undefined with `configTrouble`: nothing may be concluded from it. */
  readonly config: ClusterConfig | undefined;
}

/** `args`: flags of the service that starts k0s; undefined where there is none. */
export async function nextConfiguration(
  paths: NodePaths,
  args: readonly string[] | undefined,
): Promise<NextConfiguration> {
  const path = args && flagValue(args, "config");
  const single = args === undefined ? await ranWithoutEtcd(paths) : isFlagSet(args, "single");
  try {
    const { config } = await loadClusterConfig({
      path,
      single,
      dataDir: paths.dataDir,
      publicAddress: publicAddress(),
      rules: nodeRules,
      clusterExists: true,
    });
    // A datastore that is another one by a flag has no files, and is not lost.
    await assertSameFacts(paths.dataDir, lastingFactsOf(config));
    return { config };
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    const remedy = err.hint ?? `correct ${path ?? defaultConfigPath}; \`k0s config validate\` checks it`;
    return { config: undefined, configTrouble: { what: err.message, remedy } };
  }
}

/** Without the flags of a service a single node is not told from others: what has run without etcd has no certificates for it. */
async function ranWithoutEtcd({ adminKubeconfig, etcdPkiDir }: NodePaths): Promise<boolean> {
  if ((await statIfExists(adminKubeconfig)) === undefined) return false;
  return (await statIfExists(`${etcdPkiDir}/ca.crt`)) === undefined;
}
