// A check between fields of a configuration whose single fields are right.

import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";
import type { NodeDefaults } from "../schema/node-defaults.ts";

export type ConfigRule = (config: ClusterConfig, node: NodeDefaults) => ConfigProblem[];
