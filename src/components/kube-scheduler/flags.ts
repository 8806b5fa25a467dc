// The argument list of kube-scheduler. Upstream: pkg/component/controller/scheduler.go.

import { join } from "node:path";
import type { ClusterFields } from "../../config/changing-fields.ts";
import { featureGateFlags } from "../../config/derived.ts";
import type { NodePaths } from "../../product/paths.ts";
import { appendToFlag, type FlagMap, mergeFlags, renderFlags } from "../../std/flags.ts";

export interface KubeSchedulerInput {
  readonly config: ClusterFields<"scheduler" | "featureGates">;
  readonly paths: NodePaths;
  readonly logLevel: string;
  /** No other controller can ever exist: no leader election. */
  readonly singleController: boolean;
}

/** The complete, sorted argument list. */
export function kubeSchedulerArgs(input: KubeSchedulerInput): string[] {
  const kubeconfig = join(input.paths.pkiDir, "scheduler.conf");
  const generated: FlagMap = {
    kubeconfig,
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": "127.0.0.1",
    "leader-elect": "true",
    profiling: "false",
    v: input.logLevel,
  };
  const { extraArgs, rawArgs } = input.config.spec.scheduler;
  const single: FlagMap = input.singleController ? { "leader-elect": "false" } : {};
  const merged = mergeFlags(generated, extraArgs, single);
  return renderFlags(
    appendToFlag(merged, "feature-gates", featureGateFlags(input.config, "kube-scheduler")),
    rawArgs,
  );
}
