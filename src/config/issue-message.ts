// Turns what the schema library reports into sentences that say what to write instead.

import type { z } from "zod";
import { didYouMean } from "../std/did-you-mean.ts";
import type { YamlPath } from "../std/yaml-positions.ts";
import type { ConfigProblem } from "./problem.ts";
import { withoutValue } from "./without-secrets.ts";

type Issue = z.core.$ZodIssue;

/** The problem that an issue stands for; `root` is the document that was parsed. */
export function issueProblem(issue: Issue, root: unknown): ConfigProblem {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const value = valueAt(root, path);
  return { path, message: withoutValue(message(issue, value), path, value) };
}

function message(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return typeMessage(issue.expected, value);
    case "invalid_union":
      return typeMessage("string or number", value);
    case "invalid_value":
      return choiceMessage(issue.values.map(String), value);
    case "too_small":
      return smallMessage(issue, value);
    case "too_big":
      return Array.isArray(value)
        ? `has ${value.length} entries; at most ${issue.maximum}`
        : `${shown(value)} is too large; at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function typeMessage(expected: string, value: unknown): string {
  if (value === undefined) return "is required";
  if (expected === "int" && typeof value === "number") return `${shown(value)} is not a whole number`;
  const wanted = names.get(expected) ?? `a ${expected}`;
  const quoting = expected === "string" && isScalar(value) ? "; put it in quotes" : "";
  return `expected ${wanted}, got ${described(value)}${quoting}`;
}

function choiceMessage(choices: readonly string[], value: unknown): string {
  if (value === undefined) return "is required";
  if (typeof value !== "string") return `expected ${listed(choices)}, got ${described(value)}`;
  const meant = didYouMean(value, choices);
  if (choices.length === 1) return `${shown(value)} must be ${choices[0]}`;
  return `${shown(value)} is not ${listed(choices)}${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
}

function smallMessage(issue: Extract<Issue, { code: "too_small" }>, value: unknown): string {
  if (issue.origin === "string") return "must not be empty";
  if (issue.origin === "array")
    return `needs at least ${issue.minimum} ${issue.minimum === 1 ? "entry" : "entries"}`;
  return `${shown(value)} is too small; at least ${issue.minimum}`;
}

const names = new Map([
  ["string", "a string"],
  ["boolean", "true or false"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["object", "a mapping"],
  ["record", "a mapping"],
  ["array", "a list"],
  ["string or number", "a string or a number"],
]);

function isScalar(value: unknown): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function described(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return `the ${typeof value} ${shown(value)}`;
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

function listed(choices: readonly string[]): string {
  const [last = "", ...rest] = choices.toReversed();
  return rest.length === 0 ? last : `${rest.toReversed().join(", ")} or ${last}`;
}

function valueAt(root: unknown, path: YamlPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
