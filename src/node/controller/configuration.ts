// Where a running controller gets another configuration from: its own file, read again when it is told to.

import { resolve } from "node:path";
import {
  clusterConfigObject,
  type ClusterConfigObject,
  type ClusterPart,
  readClusterConfig,
  readClusterPart,
  type Reading,
} from "../../components/cluster-config/object.ts";
import { clusterConfigRef } from "../../components/cluster-config/reference.ts";
import type { FollowedObject } from "../../components/cluster-config/dynamic-config.ts";
import type { LiveConfig } from "../../components/cluster-config/live-config.ts";
import { generationOf } from "../../components/cluster-config/object-outcome.ts";
import type { ControllerOptions } from "../../components/node-options.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { defaultConfigPath, loadClusterConfig, type LoadConfigOptions } from "../../config/load.ts";
import { joinConfig, splitConfig } from "../../config/split.ts";
import type { KubeClient } from "../../kube/client.ts";
import { publicAddress } from "../../os/addresses.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import type { Configuration, GivenConfig } from "../../status/configuration.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { parseYaml } from "../../std/yaml.ts";
import { refusalText, withRefused } from "../../supervisor/config-plan.ts";

type FileOptions = Pick<ControllerOptions, "configFile" | "single" | "paths" | "featureGates">;

/** How a controller reads its configuration, at its start and later. */
export function loadOptions(options: FileOptions, clusterExists: boolean): LoadConfigOptions {
  return {
    path: options.configFile,
    single: options.single,
    dataDir: options.paths.dataDir,
    publicAddress: publicAddress(),
    rules: nodeRules,
    clusterExists,
    onlySupported: { featureGates: options.featureGates },
  };
}

/** The object of the cluster as a controller with this configuration understands it. */
export function readObject(
  object: Pick<ClusterConfigObject, "spec">,
  now: ClusterConfig,
  options: FileOptions,
): ClusterConfig {
  return readClusterConfig(object, now, readingOf(options));
}

function readingOf(options: FileOptions): Reading {
  const { rules, ...defaults } = loadOptions(options, true);
  return { defaults, rules, gates: options.featureGates };
}

export interface FileConfigurationOptions {
  readonly options: FileOptions;
  readonly live: LiveConfig;
  readonly signal: AbortSignal;
}

/** What is asked through the status socket. */
export function fileConfiguration({ options, live, signal }: FileConfigurationOptions): Configuration {
  return {
    plan: async (given) => live.plan(await read(options, given)),
    apply: async (given) => {
      const own = resolve(options.configFile ?? defaultConfigPath);
      if (given.text !== undefined && given.path !== own) {
        throw new UserError(`this controller reads its configuration from ${own}`, {
          code: "another-config",
          hint: `What another file says would be gone after its next start. Change ${own}, then \`k0s config apply\`.`,
        });
      }
      return live.apply(await read(options, given), signal);
    },
  };
}

async function read(options: FileOptions, given: GivenConfig): Promise<ClusterConfig> {
  const load = loadOptions(options, true);
  const { path = "-", text } = given;
  if (text !== undefined) return (await loadClusterConfig({ ...load, path, text })).config;
  if (options.configFile === "-") {
    throw new UserError("this controller has read its configuration from standard input", {
      code: "config-unreadable",
      hint: "Start it with --config FILE to change its configuration while it runs.",
    });
  }
  return (await loadClusterConfig(load)).config;
}

/** For SIGHUP: the log and an Event say what became of it. */
export function applyFile(configuration: Configuration, log: Logger): void {
  log.info("Reading the configuration again");
  configuration.apply({}).then(
    ({ changes }) => {
      if (changes.length === 0) log.info("The configuration is as it was");
    },
    (err: unknown) =>
      log.error("The configuration was not adopted", {
        err: errorMessage(err),
        ...(err instanceof UserError && err.hint !== undefined ? { hint: err.hint } : {}),
      }),
  );
}

export interface DynamicConfigurationOptions extends FileConfigurationOptions {
  readonly client: () => Promise<Pick<KubeClient, "get" | "update">>;
  readonly object: FollowedObject;
}

/**
 * The same where the cluster keeps its part: of the controller's own file its own part counts, and a file that is named gives the
 * cluster's part, which goes into the object. What follows the object adopts it then, here as on the other controllers: tried by
 * both, it would be tried twice.
 */
export function dynamicConfiguration({
  options,
  live,
  signal,
  client,
  object,
}: DynamicConfigurationOptions): Configuration {
  const ownPart = async (): Promise<ClusterConfig> => {
    const { node } = splitConfig(await read(options, {}));
    return joinConfig({ node, cluster: splitConfig(live.current()).cluster });
  };
  const clusterPart = async (given: GivenConfig): Promise<ClusterPart> => {
    // Every mistake with its place in the file.
    await read(options, given);
    const document = parseYaml(given.text ?? "", { source: given.path ?? "stdin" });
    return readClusterPart({ spec: Object(document)["spec"] }, live.current(), readingOf(options));
  };
  return {
    async plan(given) {
      if (given.text === undefined) return live.plan(await ownPart());
      const { config, refused } = await clusterPart(given);
      return withRefused(await live.plan(config), refused);
    },
    async apply(given) {
      if (given.text === undefined) return live.apply(await ownPart(), signal);
      const { config, refused } = await clusterPart(given);
      if (refused.length > 0) throw new UserError(refusalText(refused), { code: "config-refused" });
      const planned = await live.plan(config);
      if (planned.refused.length > 0) return live.apply(config, signal);
      const api = await client();
      const present = await api.get<ClusterConfigObject>(clusterConfigRef, { signal });
      const { spec } = clusterConfigObject(config, loadOptions(options, true));
      const written = await api.update<ClusterConfigObject>({ ...present, spec }, { signal });
      return object.adopted(written, generationOf(written) === generationOf(present), signal);
    },
    trouble: () => object.trouble(),
  };
}
