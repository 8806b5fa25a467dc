// What every control-plane process is built from.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { UserId } from "../os/users.ts";
import type { NodeProcessContext } from "../supervisor/node-process.ts";

export interface ProcessContext extends NodeProcessContext {
  readonly config: ClusterConfig;
  readonly user: (name: string) => UserId | undefined;
}
