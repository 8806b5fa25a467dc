// What listens on one host needs different ports: the fields of a configuration are compared with each other and with
// the ports that nobody can move. docs/ports.md has them all.

import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { type ConfigProblem, pathText } from "../../config/problem.ts";
import type { ConfigRule } from "../../config/rules/config-rule.ts";
import type { NodeDefaults } from "../../config/schema/node-defaults.ts";
import type { ControllerFacts } from "../../components/controller-facts.ts";
import { type WorkerFacts, workerFactsOf } from "../../components/worker-facts.ts";
import type { Declaration } from "../../supervisor/declaration.ts";
import { controllerRole } from "../controller.ts";
import { collide, laterPortsOf, type PlannedPort, portsOf } from "./ports.ts";
import { workerRole } from "../worker.ts";

export interface Roles {
  readonly controller: readonly Declaration<ControllerFacts>[];
  readonly worker: readonly Declaration<WorkerFacts>[];
}

export const portRule: ConfigRule = (config, node) =>
  portConflicts({ controller: controllerRole, worker: workerRole }, config, node);

/** A controller that runs pods has all ports at once, and each controller may become one. */
export function portConflicts(roles: Roles, config: ClusterConfig, node: NodeDefaults): ConfigProblem[] {
  const usual = new Set(hostsOf(roles, configDefaultsFor(node), node).flat().map(placeOf));
  const problems = new Map<string, ConfigProblem>();
  for (const ports of hostsOf(roles, config, node)) {
    for (const [index, other] of ports.entries()) {
      const taken = ports.slice(0, index).filter((one) => collide(one, other));
      for (const one of taken) {
        const [blamed, owner] = usual.has(placeOf(other)) ? [one, other] : [other, one];
        const problem = blamed.setting === undefined ? takenBy(owner, blamed) : takenBy(blamed, owner);
        if (problem !== undefined) problems.set(pathText(problem.path), problem);
      }
    }
  }
  return [...problems.values()];
}

/** The ports of one host for each worker profile that it could have; nothing is disabled. */
function hostsOf(
  { controller, worker }: Roles,
  config: ClusterConfig,
  { single }: NodeDefaults,
): readonly (readonly PlannedPort[])[] {
  const disabledComponents = new Set<string>();
  const shared = [
    ...portsOf(controller, { config, single, disabledComponents, kubeControllerManagerExtraArgs: {} }),
    ...laterPortsOf(controller, config),
    ...laterPortsOf(worker, config),
  ];
  const profiles = new Set(["default", ...config.spec.workerProfiles.map(({ name }) => name)]);
  return [...profiles].map((profile) => {
    const facts = workerFactsOf(config, {
      disabledComponents,
      profile,
      kubeletExtraArgs: {},
      criSocket: undefined,
    });
    return [...shared, ...portsOf(worker, facts)];
  });
}

function takenBy(blamed: PlannedPort, { process, setting }: PlannedPort): ConfigProblem | undefined {
  if (blamed.setting === undefined) return undefined;
  const owner = setting === undefined ? process : pathText(setting);
  return {
    path: blamed.setting,
    ...(setting === undefined ? {} : { involves: [setting] }),
    message: `${blamed.port} is taken: it is the port of ${owner}`,
  };
}

function placeOf({ port, process, setting }: PlannedPort): string {
  return `${process} ${setting === undefined ? "" : pathText(setting)} ${port}`;
}
