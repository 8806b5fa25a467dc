// What the command line hands to a node: every flag of `k0s controller` and `k0s worker`, parsed.
// Upstream: pkg/config/cli.go.

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
  /** To be called once the data directory is k0s' own: a log may be kept there. */
  readonly keepLog?: () => Promise<void>;
  /** Has it called at each SIGHUP, where that does not end the node. */
  readonly onHangup?: (listener: () => void) => void;
}

export type IptablesMode = "auto" | "nft" | "legacy";

export interface Taint {
  readonly key: string;
  readonly value?: string;
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
  /** Component → level, of `--logging` and by default. */
  readonly logLevels: Readonly<Record<string, string>>;
  /** Labels and taints of the node's first registration. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly kubeletExtraArgs: FlagMap;
  readonly iptablesMode: IptablesMode;
  readonly ignorePreFlightChecks: boolean;
  /** Endpoint of an external CRI runtime (`unix:///…`); absent: k0s runs containerd. */
  readonly criSocket: string | undefined;
}

/** How the cloud provider that comes with k0s runs. */
export interface K0sCloudProviderOptions {
  /** On loopback, where it says whether it is well. */
  readonly port: number;
  /** Between two looks at the addresses of all nodes. */
  readonly updateEveryMs: number;
}

export interface ControllerOptions extends WorkerOptions {
  /** Path given with `--config`, `-` for standard input; absent: /etc/k0s/k0s.yaml if it exists, else defaults. */
  readonly configFile: string | undefined;
  /** True with `--single` too. */
  readonly enableWorker: boolean;
  readonly single: boolean;
  readonly noTaints: boolean;
  readonly disabledComponents: ReadonlySet<string>;
  readonly kubeControllerManagerExtraArgs: FlagMap;
  /** k0s' own feature gates, e.g. `IPv6SingleStack`. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** Undefined without `--enable-k0s-cloud-provider`. */
  readonly k0sCloudProvider: K0sCloudProviderOptions | undefined;
  /** The cluster keeps the cluster-wide part of the configuration. */
  readonly dynamicConfig: boolean;
  readonly initOnly: boolean;
  /** Stop time-out of kube-apiserver; absent: the supervisor's default. */
  readonly apiServerStopTimeoutMs: number | undefined;
}
