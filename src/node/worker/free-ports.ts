// Waits until the ports that this worker needs are free, and says who has them: what has them may end.

import { factsBeforeSettings, type WorkerFacts } from "../../components/worker-facts.ts";
import { portsOf, portUses } from "../../roles/folds/ports.ts";
import { workerRole } from "../../roles/worker.ts";
import type { WorkerOptions } from "../../components/node-options.ts";
import { assertPortsFree } from "../../os/ports.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { keepTrying, onlyUserErrors } from "../../supervisor/keep-trying.ts";
import type { SettingsSource } from "../../components/worker-config/settings-holder.ts";
import type { Waiting } from "../../supervisor/waiting.ts";

export const workerPorts = { name: "ports" };

export interface WorkerPortsOptions {
  readonly options: WorkerOptions;
  readonly settings: SettingsSource;
  readonly waiting: Waiting;
  readonly dependsOn: readonly Dependency[];
}

export function freePorts({ options, settings, waiting, dependsOn }: WorkerPortsOptions): Component {
  return {
    ...workerPorts,
    dependsOn,
    start: async (signal) => {
      const { kubeletConfiguration, kubeProxyConfiguration: proxy } = settings.current();
      const kubeProxy = proxy?.disabled === false ? proxy : "off";
      const facts: WorkerFacts = { ...factsBeforeSettings(options), kubeletConfiguration, kubeProxy };
      const uses = portUses(portsOf(workerRole, facts));
      await keepTrying(() => assertPortsFree(uses), { signal, waiting, explain: onlyUserErrors });
    },
    stop: () => Promise.resolve(),
  };
}
