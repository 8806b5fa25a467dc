// Waits until the ports that this worker needs are free, and says who has them: what has them may end.

import { kubeletPorts, kubeProxyPorts } from "../../config/ports.ts";
import { assertPortsFree } from "../../os/ports.ts";
import type { Component } from "../../supervisor/component.ts";
import { keepTrying, onlyUserErrors } from "../../supervisor/keep-trying.ts";
import type { SettingsSource } from "../../components/worker-config/source.ts";
import type { TroubleReporter } from "../../supervisor/trouble-reporter.ts";
import { portUses } from "./port-use.ts";

export interface WorkerPortsOptions {
  readonly settings: SettingsSource;
  readonly troubles: TroubleReporter;
  readonly dependsOn: readonly string[];
}

export function freePorts({ settings, troubles, dependsOn }: WorkerPortsOptions): Component {
  return {
    name: "ports",
    dependsOn,
    start: async (signal) => {
      const { kubeletConfiguration, kubeProxyConfiguration: proxy } = settings.current();
      const uses = portUses([
        ...kubeletPorts(kubeletConfiguration),
        ...(proxy?.disabled === false ? kubeProxyPorts(proxy) : []),
      ]);
      await keepTrying(() => assertPortsFree(uses), { signal, troubles, explain: onlyUserErrors });
    },
    stop: () => Promise.resolve(),
  };
}
