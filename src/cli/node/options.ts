// From flags to the options of a node.

import { nodePaths } from "../../product/paths.ts";
import type { ControllerOptions, WorkerOptions } from "../../components/node-options.ts";
import { boolFlag, type FlagValues } from "../core/flag.ts";
import type { CliIo } from "../core/io.ts";
import { controllerFlags, isDisableable } from "../controller/flags.ts";
import { configFlag, daemonDebugFlags, persistentFlags } from "../core/persistent-flags.ts";
import { joinTokenSource, workerFlags } from "../worker/flags.ts";

const noProgressFlag = boolFlag("no-progress", "show progress as plain lines, never as a living one");

export const workerCommandFlags = {
  ...persistentFlags,
  ...daemonDebugFlags,
  ...workerFlags,
  noProgress: noProgressFlag,
};
export const controllerCommandFlags = {
  ...workerCommandFlags,
  config: configFlag,
  ...controllerFlags,
};

export type WorkerFlagValues = FlagValues<typeof workerCommandFlags>;
export type ControllerFlagValues = FlagValues<typeof controllerCommandFlags>;

export function workerOptions(
  flags: WorkerFlagValues,
  args: readonly string[],
  io: Pick<CliIo, "takeSecret" | "root">,
): WorkerOptions {
  return {
    paths: nodePaths({
      dataDir: flags.dataDir,
      statusSocket: flags.statusSocket,
      kubeletRootDir: flags.kubeletRootDir,
      root: io.root,
    }),
    debug: flags.debug,
    verbose: flags.verbose || flags.debug,
    debugListenOn: flags.debugListenOn,
    joinToken: joinTokenSource(args, flags.tokenFile, io.takeSecret("K0S_TOKEN")),
    profile: flags.profile,
    enableCloudProvider: flags.enableCloudProvider,
    logLevels: flags.logging,
    labels: flags.labels,
    taints: flags.taints,
    kubeletExtraArgs: flags.kubeletExtraArgs,
    iptablesMode: flags.iptablesMode,
    ignorePreFlightChecks: flags.ignorePreFlightChecks,
    criSocket: flags.criSocket,
  };
}

export function controllerOptions(
  flags: ControllerFlagValues,
  args: readonly string[],
  io: Pick<CliIo, "takeSecret" | "root">,
): ControllerOptions {
  return {
    ...workerOptions(flags, args, io),
    configFile: flags.config === "" ? undefined : flags.config,
    enableWorker: flags.enableWorker || flags.single,
    single: flags.single,
    noTaints: flags.noTaints,
    disabledComponents: new Set(flags.disableComponents.filter(isDisableable)),
    kubeControllerManagerExtraArgs: flags.kubeControllerManagerExtraArgs,
    featureGates: flags.featureGates,
    k0sCloudProvider: flags.enableK0sCloudProvider
      ? { port: flags.k0sCloudProviderPort, updateEveryMs: flags.k0sCloudProviderUpdateFrequency }
      : undefined,
    dynamicConfig: flags.enableDynamicConfig,
    initOnly: flags.initOnly,
    apiServerStopTimeoutMs: flags.apiServerStopTimeout,
  };
}
