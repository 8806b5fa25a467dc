// What every control-plane process is built from.

import { join } from "node:path";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { NodePaths } from "../config/paths.ts";
import type { UserId } from "../os/users.ts";
import type { Logger } from "../std/log.ts";
import type { SupervisedProcessOptions } from "../supervisor/process.ts";

export interface ProcessContext {
  readonly config: ClusterConfig;
  readonly paths: NodePaths;
  readonly log: Logger;
  /** The system user of a process, undefined to run it as root. */
  readonly user: (name: string) => UserId | undefined;
  /** How k0s starts itself for `__exec`. */
  readonly self: readonly string[];
}

/** Options that are the same for every process: place, user, pid file, environment. */
export function processOptions(
  context: ProcessContext,
  name: string,
  spec: { readonly binary?: string; readonly user?: string } & Pick<
    SupervisedProcessOptions,
    "args" | "ambientCaps" | "stopTimeoutMs" | "env" | "outputLevel" | "beforeStart"
  >,
): SupervisedProcessOptions {
  const { binary = name, user: userName, ...rest } = spec;
  // Every supervised process has GID 0, whatever its user: that is how 0640 root files are read (reference §4.4).
  const user = userName === undefined ? undefined : context.user(userName);
  return {
    name,
    command: join(context.paths.binDir, binary),
    binDir: context.paths.binDir,
    cwd: context.paths.dataDir,
    pidFile: join(context.paths.runDir, `${name}.pid`),
    log: context.log,
    self: context.self,
    ...(user === undefined ? {} : { user: { uid: user.uid, gid: 0 } }),
    ...rest,
  };
}
