// What the command line hands to a node: every flag of `k0s controller` and `k0s worker`, parsed. Reference §1.2, §1.4, §1.5.

import type { NodePaths } from "../product/paths.ts";
import type { FlagMap } from "../std/flags.ts";
import type { Logger } from "../std/log.ts";
import type { Progress } from "../std/progress.ts";
import type { JoinTokenSource } from "../token/read-token.ts";

/** Where a running node reports to and what ends it. */
export interface NodeIo {
  readonly log: Logger;
  readonly progress: Progress;
  /** Aborted by SIGINT or SIGTERM: shut down in order. */
  readonly signal: AbortSignal;
}

export type IptablesMode = "auto" | "nft" | "legacy";

/** Components whose log level can be chosen with `--logging`. */
export const loggingComponents = [
  "containerd",
  "etcd",
  "konnectivity-server",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
] as const;
export type LoggingComponent = (typeof loggingComponents)[number];
export type ComponentLogLevels = Readonly<Record<LoggingComponent, string>>;

/** Components that `--disable-components` accepts. */
export const disableableComponents = [
  "applier-manager",
  "autopilot",
  "control-api",
  "coredns",
  "csr-approver",
  "endpoint-reconciler",
  "helm",
  "konnectivity-server",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "metrics-server",
  "network-provider",
  "node-role",
  "system-rbac",
  "update-prober",
  "windows-node",
] as const;
export type DisableableComponent = (typeof disableableComponents)[number];

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What every long-running node command has. */
export interface NodeOptions {
  readonly paths: NodePaths;
  readonly debug: boolean;
  readonly verbose: boolean;
  /** Address of the debug listener, which is opened only with `debug`. */
  readonly debugListenOn: string;
}

export interface WorkerOptions extends NodeOptions {
  readonly joinToken: JoinTokenSource | undefined;
  readonly profile: string;
  readonly enableCloudProvider: boolean;
  readonly logLevels: ComponentLogLevels;
  /** Labels and taints of the node's first registration. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly kubeletExtraArgs: FlagMap;
  readonly iptablesMode: IptablesMode;
  readonly ignorePreFlightChecks: boolean;
  /** Endpoint of an external CRI runtime (`unix:///…`); absent: k0s runs containerd. */
  readonly criSocket: string | undefined;
}

export interface ControllerOptions extends WorkerOptions {
  /** Path given with `--config`, `-` for standard input; absent: /etc/k0s/k0s.yaml if it exists, else defaults. */
  readonly configFile: string | undefined;
  /** True with `--single` too. */
  readonly enableWorker: boolean;
  readonly single: boolean;
  readonly noTaints: boolean;
  readonly disabledComponents: ReadonlySet<DisableableComponent>;
  readonly kubeControllerManagerExtraArgs: FlagMap;
  /** k0s' own feature gates, e.g. `IPv6SingleStack`. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly initOnly: boolean;
  /** Stop time-out of kube-apiserver; absent: the supervisor's default. */
  readonly apiServerStopTimeoutMs: number | undefined;
}
