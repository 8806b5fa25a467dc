// The ports that a node of these roles would listen on, with the defaults of what its command line may change.

import { workerFactsOf } from "../../components/worker-facts.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { Roles } from "../../host/sysinfo/roles.ts";
import type { PortUse } from "../../os/ports.ts";
import { controllerRole } from "../../roles/controller.ts";
import { portsOf, portUses } from "../../roles/folds/ports.ts";
import { workerRole } from "../../roles/worker.ts";

export function expectedPorts(config: ClusterConfig, { controller, worker }: Roles): readonly PortUse[] {
  const disabledComponents = new Set<string>();
  const options = { disabledComponents, profile: "default", kubeletExtraArgs: {}, criSocket: undefined };
  const facts = { config, single: false, disabledComponents, kubeControllerManagerExtraArgs: {} };
  return portUses([
    ...(controller ? portsOf(controllerRole, facts) : []),
    ...(worker ? portsOf(workerRole, workerFactsOf(config, options)) : []),
  ]);
}
