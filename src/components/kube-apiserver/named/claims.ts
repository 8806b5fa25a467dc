// What an AuthenticationConfiguration makes of the claims of a token: which it must have, and which user it is for.

import * as z from "zod";
import type { ConfigProblem } from "../../../config/problem.ts";
import { subdomainProblem } from "../../../std/kubernetes-names.ts";
import type { YamlPath } from "../../../std/yaml-positions.ts";
import { repeated } from "./repeated.ts";

const text = () => z.string().optional();
/** An empty one is not an absent one: it turns prefixes off. */
const prefix = () => z.string().nullable().optional();
const claim = () => z.strictObject({ claim: text(), prefix: prefix(), expression: text() });

export const claimRule = z.strictObject({
  claim: text(),
  requiredValue: text(),
  expression: text(),
  message: text(),
});

export const claimMappings = z.strictObject({
  username: claim(),
  groups: claim().optional(),
  uid: z.strictObject({ claim: text(), expression: text() }).optional(),
  extra: z.array(z.strictObject({ key: z.string(), valueExpression: z.string() })).default([]),
});

export function ruleProblems(rules: readonly z.infer<typeof claimRule>[], at: YamlPath): ConfigProblem[] {
  return [
    ...rules.flatMap((rule, index) => singleRuleProblems(rule, [...at, index])),
    ...repeated(
      rules,
      ({ claim: named }) => named,
      (index) => [...at, index, "claim"],
    ),
    ...repeated(
      rules,
      ({ expression }) => expression,
      (index) => [...at, index, "expression"],
    ),
  ];
}

export function mappingProblems(
  { username, groups = {}, uid = {}, extra }: z.infer<typeof claimMappings>,
  at: YamlPath,
): ConfigProblem[] {
  return [
    ...claimProblems(username, [...at, "username"], true),
    ...claimProblems(groups, [...at, "groups"], false),
    ...onlyOne(uid, [...at, "uid"]),
    ...extra.flatMap(({ key }, index) => extraProblems(key, [...at, "extra", index, "key"])),
    ...repeated(
      extra,
      ({ key }) => key,
      (index) => [...at, "extra", index, "key"],
    ),
  ];
}

function singleRuleProblems(rule: z.infer<typeof claimRule>, at: YamlPath): ConfigProblem[] {
  const { claim: named, expression, message, requiredValue } = rule;
  if (named === undefined && expression === undefined)
    return [{ path: at, message: "needs claim or expression" }];
  return [
    ...onlyOne(rule, at),
    ...(named !== undefined && message !== undefined
      ? [{ path: [...at, "message"], message: "goes with expression only" }]
      : []),
    ...(expression !== undefined && requiredValue !== undefined
      ? [{ path: [...at, "requiredValue"], message: "goes with claim only" }]
      : []),
  ];
}

function claimProblems(
  mapping: Partial<z.infer<ReturnType<typeof claim>>>,
  at: YamlPath,
  required: boolean,
): ConfigProblem[] {
  const { claim: named, expression, prefix: before } = mapping;
  const hasPrefix = before !== undefined && before !== null;
  if (required && named === undefined && expression === undefined)
    return [{ path: at, message: "needs claim or expression" }];
  return [
    ...onlyOne(mapping, at),
    ...(named !== undefined && !hasPrefix
      ? [{ path: at, message: 'needs prefix beside claim; prefix: "" for none' }]
      : []),
    ...(expression !== undefined && hasPrefix
      ? [{ path: [...at, "prefix"], message: "goes with claim only" }]
      : []),
  ];
}

interface Choice {
  readonly claim?: string | undefined;
  readonly expression?: string | undefined;
}

function onlyOne({ claim: named, expression }: Choice, at: YamlPath): ConfigProblem[] {
  return named !== undefined && expression !== undefined
    ? [{ path: at, message: "takes either claim or expression" }]
    : [];
}

function extraProblems(key: string, path: YamlPath): ConfigProblem[] {
  const [, domain = "", name = ""] = /^([^/]*)\/(.*)$/.exec(key) ?? [];
  const say = (message: string): ConfigProblem[] => [{ path, message: `${JSON.stringify(key)} ${message}` }];
  if (name === "" || subdomainProblem(domain.toLowerCase()) !== undefined)
    return say("is not of the form example.org/name");
  if (key !== key.toLowerCase()) return say("must be in lower case");
  return /(^|\.)(k8s|kubernetes)\.io$/.test(domain)
    ? say("is in a domain that Kubernetes keeps for itself")
    : [];
}
