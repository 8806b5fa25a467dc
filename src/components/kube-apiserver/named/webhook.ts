// A server that is asked whether a request is allowed, as an AuthorizationConfiguration names it.

import * as z from "zod";
import type { ConfigProblem } from "../../../config/problem.ts";
import { tryParseDuration } from "../../../std/duration.ts";
import type { YamlPath } from "../../../std/yaml-positions.ts";
import { repeated } from "./repeated.ts";

const duration = () => z.string().optional();

export const webhook = z.strictObject({
  authorizedTTL: duration(),
  cacheAuthorizedRequests: z.boolean().optional(),
  unauthorizedTTL: duration(),
  cacheUnauthorizedRequests: z.boolean().optional(),
  timeout: z.string(),
  subjectAccessReviewVersion: z.enum(["v1", "v1beta1"]),
  matchConditionSubjectAccessReviewVersion: z.enum(["v1"]).optional(),
  failurePolicy: z.enum(["NoOpinion", "Deny"]),
  connectionInfo: z.strictObject({
    type: z.enum(["KubeConfigFile", "InClusterConfig"]),
    kubeConfigFile: z.string().optional(),
  }),
  matchConditions: z
    .array(z.strictObject({ expression: z.string() }))
    .max(64)
    .default([]),
});
type Webhook = z.infer<typeof webhook>;

const longestTimeoutMs = 30_000;

export function webhookProblems(hook: Webhook, at: YamlPath): ConfigProblem[] {
  const { matchConditions } = hook;
  const expressionAt = (index: number): YamlPath => [...at, "matchConditions", index, "expression"];
  return [
    ...durationProblems(hook.timeout, [...at, "timeout"], longestTimeoutMs),
    ...durationProblems(hook.authorizedTTL, [...at, "authorizedTTL"]),
    ...durationProblems(hook.unauthorizedTTL, [...at, "unauthorizedTTL"]),
    ...connectionProblems(hook.connectionInfo, [...at, "connectionInfo"]),
    ...(matchConditions.length > 0 && hook.matchConditionSubjectAccessReviewVersion === undefined
      ? [{ path: at, message: "needs matchConditionSubjectAccessReviewVersion: v1 beside matchConditions" }]
      : []),
    ...matchConditions.flatMap(({ expression }, index) =>
      expression.trim() === "" ? [{ path: expressionAt(index), message: "must not be empty" }] : [],
    ),
    ...repeated(matchConditions, ({ expression }) => expression, expressionAt),
  ];
}

function connectionProblems(
  { type, kubeConfigFile: file }: Webhook["connectionInfo"],
  at: YamlPath,
): ConfigProblem[] {
  // kube-apiserver is not a pod, so there is nothing that it could take the connection from.
  if (type === "InClusterConfig")
    return [{ path: [...at, "type"], message: '"InClusterConfig" is for pods; name a kubeConfigFile' }];
  if (file === undefined) return [{ path: at, message: "needs kubeConfigFile" }];
  return file.startsWith("/")
    ? []
    : [{ path: [...at, "kubeConfigFile"], message: `${JSON.stringify(file)} is not an absolute path` }];
}

/** Absent ones, and 0s, have defaults, but for the time-out. */
function durationProblems(text: string | undefined, path: YamlPath, mostMs?: number): ConfigProblem[] {
  if (text === undefined) return [];
  const ms = tryParseDuration(text);
  const say = (message: string): ConfigProblem[] => [{ path, message: `${JSON.stringify(text)} ${message}` }];
  if (ms === undefined) return say("is not a duration; write e.g. 3s or 5m");
  if (mostMs !== undefined && (ms <= 0 || ms > mostMs))
    return say(`is not between 0s and ${mostMs / 1_000}s`);
  return ms < 0 ? say("is negative") : [];
}
