// What listens on one host needs ports that differ: the fields of a configuration against each other and against the
// ports that nobody can move. Reference §12.5.

import { type ClusterConfig, configDefaultsFor } from "../cluster-config.ts";
import { isStorageJoinable } from "../derived.ts";
import { collide, controllerPorts, laterWorkerPorts, type PlannedPort, workerPorts } from "../ports.ts";
import { type ConfigProblem, pathText } from "../problem.ts";
import type { NodeDefaults } from "../schema/node-defaults.ts";

/** A controller that runs pods has all ports at once, and each controller may become one. */
export function portRule(config: ClusterConfig, node: NodeDefaults): ConfigProblem[] {
  const usual = new Set(hostsOf(configDefaultsFor(node), node).flat().map(placeOf));
  const problems = new Map<string, ConfigProblem>();
  for (const ports of hostsOf(config, node)) {
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

/** The ports of one host for each worker profile that it could have. */
function hostsOf(config: ClusterConfig, { single }: NodeDefaults): readonly (readonly PlannedPort[])[] {
  const joinApi = !single && isStorageJoinable(config);
  const shared = [
    ...controllerPorts(config, { joinApi, konnectivity: !single }),
    ...laterWorkerPorts(config),
  ];
  const profiles = new Set(["default", ...config.spec.workerProfiles.map(({ name }) => name)]);
  return [...profiles].map((profile) => [...shared, ...workerPorts(config, profile)]);
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
