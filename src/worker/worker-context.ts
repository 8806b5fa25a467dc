// What every part of a worker is built from.

import { join } from "node:path";
import type { NodePaths } from "../config/paths.ts";
import type { Logger } from "../std/log.ts";
import type { SupervisedProcessOptions } from "../supervisor/process.ts";

export interface WorkerContext {
  readonly paths: NodePaths;
  readonly log: Logger;
  readonly nodeName: string;
  /** How k0s starts itself for `__exec`. */
  readonly self: readonly string[];
  /** Environment in which the relocated netfilter tools are found. */
  readonly toolsEnv: Readonly<Record<string, string>>;
}

/** Options that are the same for every process of a worker; all of them run as root. */
export function workerProcess(
  context: WorkerContext,
  name: string,
  spec: Pick<SupervisedProcessOptions, "args" | "env" | "outputLevel" | "beforeStart" | "stopTimeoutMs">,
): SupervisedProcessOptions {
  return {
    name,
    command: join(context.paths.binDir, name),
    binDir: context.paths.binDir,
    cwd: context.paths.dataDir,
    pidFile: join(context.paths.runDir, `${name}.pid`),
    log: context.log,
    self: context.self,
    ...spec,
    env: { ...context.toolsEnv, ...spec.env },
  };
}
