// AuthorizationConfiguration: who is asked whether a request is allowed, in which order.
// Upstream: k8s.io/apiserver/pkg/apis/apiserver/validation. Expressions are compiled by kube-apiserver alone.

import * as z from "zod";
import type { ConfigProblem } from "../../../config/problem.ts";
import { subdomainProblem } from "../../../std/kubernetes-names.ts";
import type { YamlPath } from "../../../std/yaml-positions.ts";
import { type FileKind, typeFields } from "./document.ts";
import { repeated } from "./repeated.ts";
import { webhook, webhookProblems } from "./webhook.ts";

const authorizer = z.strictObject({
  type: z.enum(["Node", "RBAC", "Webhook", "ABAC", "AlwaysAllow", "AlwaysDeny"]),
  name: z.string(),
  webhook: webhook.optional(),
});
type Authorizer = z.infer<typeof authorizer>;

const schema = z.strictObject({ ...typeFields, authorizers: z.array(authorizer) });

/** Nobody but system:masters is allowed anything by these, at most kubelets: the scheduler and the controllers may do nothing. */
const barring: ReadonlySet<string> = new Set<Authorizer["type"]>(["Node", "AlwaysDeny"]);

export const authorizationFile: FileKind<typeof schema> = {
  kind: "AuthorizationConfiguration",
  versions: ["v1", "v1beta1", "v1alpha1"].map((version) => `apiserver.config.k8s.io/${version}`),
  schema,
  check: ({ authorizers }) => ({
    problems: [
      ...(authorizers.every(({ type }) => barring.has(type))
        ? [
            {
              path: ["authorizers"],
              message:
                "allows the cluster's own parts nothing: add one of type RBAC, or a Webhook, ABAC or AlwaysAllow that does",
            },
          ]
        : []),
      ...authorizers.flatMap((one, index) => authorizerProblems(one, ["authorizers", index])),
      ...repeated(
        authorizers,
        ({ name }) => name,
        (index) => ["authorizers", index, "name"],
      ),
      ...repeated(
        authorizers,
        ({ type }) => (type === "Webhook" ? undefined : type),
        (index) => ["authorizers", index, "type"],
      ),
    ],
    refers: authorizers.flatMap(({ webhook: hook }, index) => {
      const file = hook?.connectionInfo.kubeConfigFile;
      const path = ["authorizers", index, "webhook", "connectionInfo", "kubeConfigFile"];
      return file === undefined ? [] : [{ path, file }];
    }),
  }),
};

function authorizerProblems({ type, name, webhook: hook }: Authorizer, at: YamlPath): ConfigProblem[] {
  const unfit = subdomainProblem(name);
  const naming =
    unfit === undefined ? [] : [{ path: [...at, "name"], message: `${JSON.stringify(name)} ${unfit}` }];
  if (type === "Webhook")
    return [
      ...naming,
      ...(hook === undefined
        ? [{ path: at, message: "needs webhook, as its type is Webhook" }]
        : webhookProblems(hook, [...at, "webhook"])),
    ];
  return hook === undefined
    ? naming
    : [...naming, { path: [...at, "webhook"], message: `goes with type: Webhook, not with ${type}` }];
}
