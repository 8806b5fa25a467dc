// AuthenticationConfiguration: issuers whose tokens are taken, and who may come without a name.
// Upstream: k8s.io/apiserver/pkg/apis/apiserver/validation. Expressions are compiled by kube-apiserver alone.

import * as z from "zod";
import type { ConfigProblem } from "../../../config/problem.ts";
import { certificateBlocks } from "../../../std/trust-bundle.ts";
import type { YamlPath } from "../../../std/yaml-positions.ts";
import { claimMappings, claimRule, mappingProblems, ruleProblems } from "./claims.ts";
import { type FileKind, typeFields } from "./document.ts";
import { repeated } from "./repeated.ts";

const issuer = z.strictObject({
  url: z.string(),
  discoveryURL: z.string().optional(),
  certificateAuthority: z.string().optional(),
  audiences: z.array(z.string()).min(1),
  audienceMatchPolicy: z.enum(["MatchAny"]).optional(),
  egressSelectorType: z.enum(["controlplane", "cluster"]).optional(),
});

const authenticator = z.strictObject({
  issuer,
  claimValidationRules: z.array(claimRule).default([]),
  claimMappings,
  userValidationRules: z
    .array(z.strictObject({ expression: z.string(), message: z.string().optional() }))
    .default([]),
});

const schema = z.strictObject({
  ...typeFields,
  jwt: z.array(authenticator).max(64).default([]),
  anonymous: z
    .strictObject({
      enabled: z.boolean().default(false),
      conditions: z.array(z.strictObject({ path: z.string() })).default([]),
    })
    .optional(),
});

/** `ownIssuers`: of tokens that the cluster itself issues. */
export function authenticationFile(ownIssuers: readonly string[]): FileKind<typeof schema> {
  return {
    kind: "AuthenticationConfiguration",
    versions: ["v1", "v1beta1", "v1alpha1"].map((version) => `apiserver.config.k8s.io/${version}`),
    schema,
    check: ({ jwt, anonymous }) => ({
      problems: [
        ...jwt.flatMap((one, index) => authenticatorProblems(one, ["jwt", index], ownIssuers)),
        ...repeated(
          jwt,
          (one) => one.issuer.url,
          (index) => ["jwt", index, "issuer", "url"],
        ),
        ...repeated(
          jwt,
          (one) => one.issuer.discoveryURL,
          (index) => ["jwt", index, "issuer", "discoveryURL"],
        ),
        ...(anonymous?.enabled === false && anonymous.conditions.length > 0
          ? [{ path: ["anonymous", "conditions"], message: "has a meaning only beside enabled: true" }]
          : []),
      ],
    }),
  };
}

function authenticatorProblems(
  {
    issuer: from,
    claimValidationRules,
    claimMappings: mappings,
    userValidationRules,
  }: z.infer<typeof authenticator>,
  at: YamlPath,
  ownIssuers: readonly string[],
): ConfigProblem[] {
  return [
    ...issuerProblems(from, [...at, "issuer"], ownIssuers),
    ...ruleProblems(claimValidationRules, [...at, "claimValidationRules"]),
    ...mappingProblems(mappings, [...at, "claimMappings"]),
    ...repeated(
      userValidationRules,
      ({ expression }) => expression,
      (index) => [...at, "userValidationRules", index, "expression"],
    ),
  ];
}

function issuerProblems(
  { url, discoveryURL, certificateAuthority = "", audiences, audienceMatchPolicy }: z.infer<typeof issuer>,
  at: YamlPath,
  ownIssuers: readonly string[],
): ConfigProblem[] {
  const say = (field: string, message: string | undefined): ConfigProblem[] =>
    message === undefined ? [] : [{ path: [...at, field], message }];
  const own = ownIssuers.includes(url)
    ? "issues the tokens of this cluster's own service accounts"
    : undefined;
  const same = discoveryURL?.replace(/\/+$/, "") === url.replace(/\/+$/, "");
  return [
    ...say("url", quoted(url, own ?? urlProblem(url))),
    ...(discoveryURL === undefined
      ? []
      : say("discoveryURL", quoted(discoveryURL, urlProblem(discoveryURL)))),
    ...say("discoveryURL", same ? "is the same as url; leave it out" : undefined),
    ...say(
      "certificateAuthority",
      certificateAuthority !== "" && certificateBlocks(certificateAuthority).length === 0
        ? "holds no certificate in PEM"
        : undefined,
    ),
    ...say("audiences", audiences.includes("") ? "has an empty entry" : undefined),
    ...say(
      "audiences",
      audiences.length > 1 && audienceMatchPolicy === undefined
        ? "has several entries: that needs audienceMatchPolicy: MatchAny"
        : undefined,
    ),
    ...repeated(
      audiences,
      (one) => one,
      (index) => [...at, "audiences", index],
    ),
  ];
}

/** Why kube-apiserver would not ask there for the keys of an issuer. */
function urlProblem(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== "https:") return "is not an https:// URL";
  if (parsed.username !== "" || parsed.password !== "") return "must not hold a user or a password";
  return parsed.search === "" && parsed.hash === "" ? undefined : "must not have ? or # in it";
}

function quoted(value: string, message: string | undefined): string | undefined {
  return message === undefined ? undefined : `${JSON.stringify(value)} ${message}`;
}
