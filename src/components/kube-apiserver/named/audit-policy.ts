// Policy of audit.k8s.io: what is logged of which request. Upstream: k8s.io/apiserver/pkg/apis/audit/validation.

import * as z from "zod";
import type { ConfigProblem } from "../../../config/problem.ts";
import { subdomainProblem } from "../../../std/kubernetes-names.ts";
import type { YamlPath } from "../../../std/yaml-positions.ts";
import { type FileKind, typeFields } from "./document.ts";

const stages = z
  .array(z.enum(["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]))
  .default([]);
const texts = z.array(z.string()).default([]);

const rule = z.strictObject({
  level: z.enum(["None", "Metadata", "Request", "RequestResponse"]),
  users: texts,
  userGroups: texts,
  verbs: texts,
  resources: z
    .array(z.strictObject({ group: z.string().default(""), resources: texts, resourceNames: texts }))
    .default([]),
  namespaces: texts,
  nonResourceURLs: texts,
  omitStages: stages,
  omitManagedFields: z.boolean().optional(),
});
type Rule = z.infer<typeof rule>;

const schema = z.strictObject({
  ...typeFields,
  metadata: z.looseObject({}).optional(),
  rules: z.array(rule).min(1),
  omitStages: stages,
  omitManagedFields: z.boolean().optional(),
});

export const auditPolicyFile: FileKind<typeof schema> = {
  kind: "Policy",
  versions: ["audit.k8s.io/v1"],
  lenient: true,
  schema,
  check: ({ rules }) => ({ problems: rules.flatMap((one, index) => ruleProblems(one, ["rules", index])) }),
};

function ruleProblems({ resources, namespaces, nonResourceURLs }: Rule, at: YamlPath): ConfigProblem[] {
  const both = nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0);
  return [
    ...(both
      ? [
          {
            path: [...at, "nonResourceURLs"],
            message: "cannot stand beside resources or namespaces; make two rules",
          },
        ]
      : []),
    ...nonResourceURLs.flatMap((url, index) => urlProblems(url, [...at, "nonResourceURLs", index])),
    ...resources.flatMap(({ group, resources: names, resourceNames }, index) => [
      ...groupProblems(group, [...at, "resources", index, "group"]),
      ...(resourceNames.length > 0 && names.length === 0
        ? [{ path: [...at, "resources", index, "resourceNames"], message: "needs resources beside it" }]
        : []),
    ]),
  ];
}

function urlProblems(url: string, path: YamlPath): ConfigProblem[] {
  if (url === "*") return [];
  const say = (message: string): ConfigProblem[] => [{ path, message: `${JSON.stringify(url)} ${message}` }];
  if (!url.startsWith("/")) return say("does not begin with /");
  return url.slice(0, -1).includes("*") ? say("may have * at its end only") : [];
}

function groupProblems(group: string, path: YamlPath): ConfigProblem[] {
  if (group === "" || group === "*") return [];
  const why = subdomainProblem(group);
  const hint = group.includes("/") ? "; write the group without its version" : "";
  return why === undefined ? [] : [{ path, message: `${JSON.stringify(group)} ${why}${hint}` }];
}
