// What a change of the configuration would do, from what the components of both roles declare to follow.

import type { ControllerFacts } from "../../components/controller-facts.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { type ConfigPlan, planChange } from "../../supervisor/config-plan.ts";
import { runs } from "../../supervisor/declaration.ts";
import { controllerRole } from "../controller.ts";
import { workerRole } from "../worker.ts";

/** Of a controller with these facts; of workers all that they may run. */
export function plannedChange(
  facts: ControllerFacts,
): (before: ClusterConfig, after: ClusterConfig) => ConfigPlan {
  const followers = {
    controller: controllerRole.filter((declaration) => runs(declaration, facts)),
    worker: workerRole,
  };
  return (before, after) => planChange(followers, before, after);
}
