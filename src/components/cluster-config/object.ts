// The object that holds the configuration of the cluster: what is made of a file, and what a controller reads in it. Pure.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go (GetClusterWideConfig, StripDefaults).

import { isDeepStrictEqual } from "node:util";
import { fieldChanges } from "../../config/changes.ts";
import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { countsFromStart, whyFixed } from "../../config/live-fields.ts";
import { pathText } from "../../config/problem.ts";
import type { ConfigRule } from "../../config/rules/config-rule.ts";
import type { NodeDefaults } from "../../config/schema/node-defaults.ts";
import { joinConfig, splitConfig } from "../../config/split.ts";
import { type FeatureGates, unsupportedProblems } from "../../config/unsupported.ts";
import { checkClusterConfig } from "../../config/validate.ts";
import type { KubeResource } from "../../kube/types.ts";
import { UserError } from "../../std/errors.ts";
import { type RefusedField, refusalsOf, refusalText } from "../../supervisor/config-plan.ts";
import { clusterConfigRef } from "./reference.ts";
import { isMapping } from "../../std/mapping.ts";

export interface ClusterConfigObject extends KubeResource {
  spec?: unknown;
}

/** What the cluster was made with: in the object too, so that one sees it there, though no other value is taken. */
const shownNetworkFields = ["provider", "podCIDR", "dualStack"] as const;

/** What the next start begins with, where all that a running controller does not take up counts from there. */
export function forNextStart(now: ClusterConfig, asked: ClusterConfig): ClusterConfig | undefined {
  const fixed = fieldChanges(now, asked).filter(({ path }) => whyFixed(path) !== undefined);
  return fixed.length > 0 && fixed.every(({ path }) => countsFromStart(path)) ? asked : undefined;
}

const onlyInFile = "each controller's own; change it in its own file, then `k0s config apply`";

/** The part of the cluster, without what is as by default. */
export function clusterConfigObject(config: ClusterConfig, defaults: NodeDefaults): ClusterConfigObject {
  const { apiVersion, kind, name, namespace } = clusterConfigRef;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec: withoutDefaults(shownPart(config), shownPart(configDefaultsFor(defaults))) ?? {},
  };
}

function shownPart(config: ClusterConfig): object {
  const { spec } = splitConfig(config).cluster;
  const shown = Object.fromEntries(shownNetworkFields.map((field) => [field, config.spec.network[field]]));
  return { ...spec, network: { ...spec.network, ...shown } };
}

/** Undefined if nothing is left. Lists stay as they are. */
function withoutDefaults(value: unknown, byDefault: unknown): unknown {
  if (isDeepStrictEqual(value, byDefault)) return undefined;
  if (!isMapping(value) || !isMapping(byDefault)) return value;
  const kept = Object.entries(value).flatMap(([key, member]) => {
    const left = withoutDefaults(member, byDefault[key]);
    return left === undefined ? [] : [[key, left]];
  });
  return Object.fromEntries(kept);
}

export interface Reading {
  readonly defaults: NodeDefaults;
  readonly rules: readonly ConfigRule[];
  readonly gates: FeatureGates;
}

export interface ClusterPart {
  /** A controller's own part with that of the object. */
  readonly config: ClusterConfig;
  /** What is asked for though it is not the cluster's to say. */
  readonly refused: readonly RefusedField[];
}

/** Throws a UserError that names every field that is wrong or not the cluster's to say. */
export function readClusterConfig(
  object: Pick<ClusterConfigObject, "spec">,
  own: ClusterConfig,
  reading: Reading,
): ClusterConfig {
  const { config, refused } = readClusterPart(object, own, reading);
  if (refused.length > 0) throw new UserError(refusalText(refused), { code: "config-refused" });
  return config;
}

/** Throws a UserError that names every field that is wrong. */
export function readClusterPart(
  { spec }: Pick<ClusterConfigObject, "spec">,
  own: ClusterConfig,
  { defaults, rules, gates }: Reading,
): ClusterPart {
  const { apiVersion, kind, name, namespace } = clusterConfigRef;
  const document = {
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...(spec === undefined ? {} : { spec }),
  };
  const before = { ...defaults, clusterExists: true };
  const checked = checkClusterConfig(document, before, rules);
  const problems = [...checked.problems, ...unsupportedProblems(checked, gates)];
  if (problems.length > 0) {
    throw new UserError(problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join("\n"), {
      code: "invalid-config",
    });
  }
  const parts = { node: splitConfig(own).node, cluster: splitConfig(checked.config).cluster };
  const refused = foreignChanges(document, own, checked.config, configDefaultsFor(before));
  return { config: joinConfig(parts), refused };
}

/** What somebody has written into the object though each controller has it of its own: defaults, which the API server adds, are not asked for. */
function foreignChanges(
  document: object,
  own: ClusterConfig,
  found: ClusterConfig,
  byDefault: ClusterConfig,
): readonly RefusedField[] {
  const shown = shownNetworkFields.map((field) => `spec.network.${field}`);
  const [whole, cluster] = [splitConfig(found).node, splitConfig(own).cluster];
  const changes = fieldChanges(own, joinConfig({ node: whole, cluster })).filter(({ path, after }) => {
    if (at(document, path) === undefined) return false;
    const field = pathText(path);
    const isShown = shown.some((name) => field === name || field.startsWith(`${name}.`));
    return isShown || !isDeepStrictEqual(after, at(byDefault, path));
  });
  return changes.map((change) => {
    // A controller follows some of them while it runs, but in its own file.
    const [refused = { field: pathText(change.path), reason: onlyInFile }] = refusalsOf([change]);
    return { ...refused, change };
  });
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (of, part) => (isMapping(of) || Array.isArray(of) ? Object(of)[part] : undefined),
    value,
  );
}
