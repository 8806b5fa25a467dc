// Options that are the same for every process of a node: place, user, pid file, environment.
// Upstream: pkg/supervisor/supervisor.go.

import type { NodePaths } from "../product/paths.ts";
import type { UserId } from "../os/users.ts";
import { joinPath } from "../std/join-path.ts";
import type { Logger, LogLevel } from "../std/log.ts";
import type { SupervisedProcessOptions } from "./process-options.ts";
import type { ProcessSystem } from "./process-options.ts";

export interface NodeProcessContext {
  readonly paths: NodePaths;
  readonly log: Logger;
  /** How k0s starts itself for `__exec`. */
  readonly self: readonly string[];
  /** Addresses, networks and names of the cluster, which are reached without a proxy. */
  readonly noProxy: () => readonly string[];
  /** Which of their own lines are logged; default `warn`. */
  readonly outputLevel?: LogLevel;
  /** Environment that all of them get. */
  readonly env?: Readonly<Record<string, string>>;
  /** As whom a process of this user runs, undefined for root. */
  readonly user?: (name: string) => UserId | undefined;
  /** Default: Linux. */
  readonly system?: ProcessSystem;
}

export interface NodeProcessSpec extends Pick<
  SupervisedProcessOptions,
  | "args"
  | "usesProxy"
  | "keepsPrefix"
  | "ambientCaps"
  | "stopTimeoutMs"
  | "env"
  | "outputLevel"
  | "beforeStart"
  | "onLine"
> {
  /** Its program in the bin directory; default: its name. */
  readonly binary?: string;
  /** Name of its system user; default: root. */
  readonly user?: string;
}

/** Where the program of that name lies. */
export function programOf(
  { paths, system }: Pick<NodeProcessContext, "paths" | "system">,
  name: string,
): string {
  return joinPath(paths.binDir, `${name}${system?.programSuffix ?? ""}`);
}

export function processOptions(
  context: NodeProcessContext,
  name: string,
  spec: NodeProcessSpec,
): SupervisedProcessOptions {
  const { binary = name, user: userName, ...rest } = spec;
  const user = userName === undefined ? undefined : context.user?.(userName);
  return {
    name,
    command: programOf(context, binary),
    binDir: context.paths.binDir,
    cwd: context.paths.dataDir,
    pidFile: joinPath(context.paths.runDir, `${name}.pid`),
    log: context.log,
    self: context.self,
    noProxy: context.noProxy,
    ...(context.outputLevel === undefined ? {} : { outputLevel: context.outputLevel }),
    ...(user === undefined ? {} : { user }),
    ...(context.system === undefined ? {} : { system: context.system }),
    // Not for what runs as root: containers would inherit it.
    noNewPrivs: userName !== undefined,
    ...rest,
    env: { ...context.env, ...spec.env },
  };
}
