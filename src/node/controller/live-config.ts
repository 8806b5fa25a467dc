// The live configuration of a controller, with all that it takes from the node.

import { cacheConfig } from "../../components/cluster-config/cache.ts";
import { type DynamicConfig, dynamicConfig } from "../../components/cluster-config/dynamic-config.ts";
import { reportConfig } from "../../components/cluster-config/event.ts";
import { type LiveConfig, liveConfig } from "../../components/cluster-config/live-config.ts";
import { clusterConfigObject } from "../../components/cluster-config/object.ts";
import { apiServers } from "../../components/cluster-config/api-servers.ts";
import { takenBackNote } from "../../components/cluster-config/taken-back.ts";
import { onlyController, rollout } from "../../components/cluster-config/rollout.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { RuntimeClaim } from "../../config/runtime-config.ts";
import type { ControllerParts } from "../../roles/controller.ts";
import { plannedChange } from "../../roles/folds/config-plan.ts";
import type { ComponentGroup } from "../../supervisor/group.ts";
import { readObject } from "./configuration.ts";

export function controllerLiveConfig(
  node: ControllerParts,
  claim: Pick<RuntimeClaim, "publish">,
  group: () => ComponentGroup,
): LiveConfig {
  const { config, client, holder, name } = node;
  const log = node.log.with({ component: "cluster-config" });
  return liveConfig({
    first: config,
    plan: plannedChange(node),
    group,
    rollout: node.alone ? onlyController : rollout({ holder, servers: apiServers(node), log }),
    adopted: async (adopted) => {
      if (node.dynamicConfig) await cacheConfig(adopted, node.paths.dataDir);
      await claim.publish({ nodeConfig: adopted, startupConfigPath: node.configFile });
    },
    report: (report) => reportConfig({ client, name, log }, report),
    log,
  });
}

/** Follows the ClusterConfig of the cluster; undefined where it is not kept there. */
export function clusterConfigFollower(node: ControllerParts, live: LiveConfig): DynamicConfig | undefined {
  if (!node.dynamicConfig) return undefined;
  const { client, leader, name } = node;
  const log = node.log.with({ component: "cluster-config" });
  const { single, paths, config } = node;
  const defaults = { single, dataDir: paths.dataDir, publicAddress: config.spec.api.address };
  return dynamicConfig({
    client,
    leader,
    live,
    object: (now) => clusterConfigObject(now, defaults),
    read: (object, now) => readObject(object, now, node),
    report: (report) => reportConfig({ client, name, log }, report),
    keep: (next) => cacheConfig(next, paths.dataDir),
    takenBack: takenBackNote({ dataDir: paths.dataDir, version: k0sVersion, config }),
    known: node.clusterConfigKnown,
    log,
  });
}
