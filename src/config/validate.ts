// Checks a parsed document: schema first, then the rules between fields; all problems are reported together.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go.

import type { z } from "zod";
import type { YamlPath } from "../std/yaml-positions.ts";
import { type ClusterConfig, clusterConfigSchema, configDefaultsFor } from "./cluster-config.ts";
import { foldDocument } from "./fold-document.ts";
import { issueProblem } from "./issue-message.ts";
import { type ConfigProblem, touchesAny } from "./problem.ts";
import type { ConfigRule } from "./rules/config-rule.ts";
import { configRules } from "./rules/config-rules.ts";
import type { NodeDefaults } from "./schema/node-defaults.ts";

export interface CheckedConfig {
  /** Complete; where there are problems, defaults stand in for the fields that are wrong. */
  readonly config: ClusterConfig;
  readonly problems: readonly ConfigProblem[];
}

/** Checks what a YAML document holds, also by further rules (`more`) of code that knows what the configuration does not. */
export function checkClusterConfig(
  document: unknown,
  defaults: NodeDefaults,
  more: readonly ConfigRule[] = [],
): CheckedConfig {
  const schema = clusterConfigSchema(defaults);
  const folded = foldDocument(schema, document ?? {});
  const { config, problems } = parseAround(schema, folded.value, defaults);
  const found = [...folded.problems, ...problems];
  const wrong = found.map(({ path }) => path);
  const broken = [...configRules, ...more].flatMap((rule) => rule(config, defaults));
  const independent = broken.filter(
    ({ path, involves = [] }) => ![path, ...involves].some((field) => touchesAny(field, wrong)),
  );
  return { config, problems: [...found, ...independent] };
}

/** Parses; when fields are wrong, parses again without them, so that the rules can look at the rest. */
function parseAround(
  schema: z.ZodType<ClusterConfig>,
  value: unknown,
  defaults: NodeDefaults,
): CheckedConfig {
  const parsed = schema.safeParse(value, { jitless: true });
  if (parsed.success) return { config: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => issueProblem(issue, value));
  const pruned = structuredClone(value);
  // Items of lists go as a whole, from the last to the first, so that no index shifts.
  const paths = problems.map(({ path }) => prunable(path)).toSorted(laterIndexFirst);
  for (const path of paths) remove(pruned, path);
  const again = schema.safeParse(pruned, { jitless: true });
  return { config: again.success ? again.data : configDefaultsFor(defaults), problems };
}

function prunable(path: YamlPath): YamlPath {
  const index = path.findIndex((part) => typeof part === "number");
  return index === -1 ? path : path.slice(0, index + 1);
}

function laterIndexFirst(a: YamlPath, b: YamlPath): number {
  const [last, other] = [a.at(-1), b.at(-1)];
  return typeof last === "number" && typeof other === "number" ? other - last : 0;
}

function remove(root: unknown, path: YamlPath): void {
  let parent: unknown = root;
  for (const part of path.slice(0, -1)) parent = isContainer(parent) ? parent[part] : undefined;
  const last = path.at(-1);
  if (!isContainer(parent) || last === undefined) return;
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
