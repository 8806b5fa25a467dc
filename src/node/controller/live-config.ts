// The live configuration of a controller, with all that it takes from the node.

import { reportConfig } from "../../components/cluster-config/event.ts";
import { type LiveConfig, liveConfig } from "../../components/cluster-config/live-config.ts";
import { onlyController, othersNotReady, rollout } from "../../components/cluster-config/rollout.ts";
import type { RuntimeClaim } from "../../config/runtime-config.ts";
import type { ControllerParts } from "../../roles/controller.ts";
import { plannedChange } from "../../roles/folds/config-plan.ts";
import type { ComponentGroup } from "../../supervisor/group.ts";

export function controllerLiveConfig(
  node: ControllerParts,
  claim: Pick<RuntimeClaim, "publish">,
  group: () => ComponentGroup,
): LiveConfig {
  const { config, client, leaseClient, holder, name } = node;
  const log = node.log.with({ component: "cluster-config" });
  return liveConfig({
    first: config,
    plan: plannedChange(node),
    group,
    rollout: node.alone
      ? onlyController
      : rollout({ leaseClient, holder, othersNotReady: othersNotReady(node), log }),
    adopted: (adopted) => claim.publish({ nodeConfig: adopted, startupConfigPath: node.configFile }),
    report: (report) => reportConfig({ client, name, log }, report),
    log,
  });
}
