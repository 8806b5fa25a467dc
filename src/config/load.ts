// Reads a configuration file: parse, fold the case of field names, fill in defaults, check.
// Upstream: pkg/config/cfgvars.go (NodeConfig).

import { readFile } from "node:fs/promises";
import { errno, UserError } from "../std/errors.ts";
import { decodeUtf8 } from "../std/utf8.ts";
import { parseYaml } from "../std/yaml.ts";
import { yamlPositions } from "../std/yaml-positions.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { configError, type ConfigProblem, placeOf } from "./problem.ts";
import type { ConfigRule } from "./rules/config-rule.ts";
import type { NodeDefaults } from "./schema/node-defaults.ts";
import { type FeatureGates, unsupportedProblems } from "./unsupported.ts";
import { checkClusterConfig } from "./validate.ts";
import { type ConfigWarning, configWarnings } from "./warnings.ts";

export const defaultConfigPath = "/etc/k0s/k0s.yaml";

/** `onlySupported`: also refuses what this release cannot do; without it such settings are read, as the configuration of a running cluster is. */
interface Strictness {
  /** Besides those between fields: what components need of each other. */
  readonly rules: readonly ConfigRule[];
  readonly onlySupported?: { readonly featureGates: FeatureGates } | undefined;
}

export interface LoadConfigOptions extends NodeDefaults, Strictness {
  /** A path, `-` for standard input; without it the default path, which need not exist. */
  readonly path?: string | undefined;
  /** What stands at `path`, where somebody has read it already. */
  readonly text?: string;
  /** Reads standard input; replaced in tests. */
  readonly stdin?: () => Promise<string>;
}

export interface LoadedConfig {
  /** Complete. */
  readonly config: ClusterConfig;
  /** What it says without effect. */
  readonly warnings: readonly PlacedWarning[];
}

/** With its place: `k0s.yaml:14:17`. */
export interface PlacedWarning extends ConfigWarning {
  readonly place: string;
}

/** Throws one UserError that lists every problem with its place. */
export async function loadClusterConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { text = "", source } = (await readSource(options)) ?? {};
  return parseClusterConfig(text, source === undefined ? options : { ...options, source });
}

/** The same for a text at hand. */
export function parseClusterConfig(
  text: string,
  options: NodeDefaults & Partial<Strictness> & { readonly source?: string },
): LoadedConfig {
  const source = options.source ?? "k0s.yaml";
  const checked = checkClusterConfig(parseYaml(text, { source }), options, options.rules);
  const places = { source, locate: locateProblem(lazyLocate(text).keyed) };
  const notYet =
    options.onlySupported === undefined
      ? []
      : unsupportedProblems(checked, options.onlySupported.featureGates);
  const problems = [...checked.problems, ...notYet];
  if (problems.length > 0) throw configError(problems, places);
  const { config } = checked;
  const warnings = configWarnings(config).map((warning) => ({ ...warning, place: placeOf(warning, places) }));
  return { config, warnings };
}

interface Source {
  readonly source: string;
  readonly text: string;
}

async function readSource(options: LoadConfigOptions): Promise<Source | undefined> {
  if (options.text !== undefined) return { source: sourceName(options.path), text: options.text };
  const { path, stdin = async () => decodeUtf8(await Bun.stdin.bytes(), "stdin") } = options;
  if (path === "-") {
    const text = await stdin();
    if (text.trim() === "")
      throw new UserError("standard input is empty, expected a configuration", {
        code: "invalid-config",
        hint: `Name a file: --config ${defaultConfigPath}`,
      });
    return { source: "stdin", text };
  }
  const file = path ?? defaultConfigPath;
  const bytes = await readFile(file).catch((err: unknown) => {
    if (errno(err) === "ENOENT" && path === undefined) return undefined;
    throw unreadable(file, err);
  });
  return bytes === undefined ? undefined : { source: file, text: decodeUtf8(bytes, file) };
}

function sourceName(path = defaultConfigPath): string {
  return path === "-" ? "stdin" : path;
}

function unreadable(path: string, err: unknown): UserError {
  const reasons: Record<string, string> = {
    ENOENT: "no such file",
    EACCES: "permission denied",
    EISDIR: "is a directory",
    ENOTDIR: "a part of the path is not a directory",
  };
  const reason = reasons[errno(err) ?? ""] ?? errno(err) ?? "unknown error";
  return new UserError(`cannot read the configuration ${path}: ${reason}`, {
    hint: "Give the right path with --config, or leave it out to start with the defaults.",
    code: "config-unreadable",
    cause: err,
  });
}

function lazyLocate(text: string) {
  let positions: ReturnType<typeof yamlPositions> | undefined;
  return {
    keyed: () => {
      positions ??= yamlPositions(text);
      return positions;
    },
  };
}

function locateProblem(positions: () => ReturnType<typeof yamlPositions>) {
  return ({ path, at }: ConfigProblem) => (at === "key" ? positions().key(path) : positions().value(path));
}
