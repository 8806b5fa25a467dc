// Two settings for one thing: a field of spec.security and a flag in spec.api.extraArgs, or two ways to log in that
// kube-apiserver does not take together.

import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";
import { ownEncryptionFlag } from "../security.ts";

const at = (...rest: string[]): YamlPath => ["spec", "security", ...rest];

export function securityRule({ spec }: ClusterConfig): ConfigProblem[] {
  const { security, hardening } = spec;
  const flags = Object.keys(spec.api.extraArgs);
  const flagOf = (test: (flag: string) => boolean): string | undefined => flags.find(test);
  const both = (path: YamlPath, flag: string | undefined): ConfigProblem[] =>
    flag === undefined
      ? []
      : [{ path, message: `spec.api.extraArgs has ${flag} for the same thing; leave one of the two out` }];
  const ownAdmission = flagOf((flag) => flag === "admission-control-config-file");
  const hardened = hardening === "cis" ? both(["spec", "hardening"], ownAdmission) : [];
  if (security === undefined) return hardened;
  const { admissionConfigFile, audit, eventRateLimit, podSecurity, secretsEncryption } = security;
  const { oidc, authenticationConfigFile, authorizationConfigFile } = security;
  const { enforce, audit: audited, warn } = podSecurity;
  return [
    // kube-apiserver reads one such file: what k0s writes into its own would be void without a word.
    ...hardened,
    ...(admissionConfigFile === undefined ? [] : both(at("admissionConfigFile"), ownAdmission)),
    ...(eventRateLimit.enabled === true ? both(at("eventRateLimit", "enabled"), ownAdmission) : []),
    ...((enforce ?? audited ?? warn) === undefined ? [] : both(at("podSecurity"), ownAdmission)),
    ...(audit.enabled === true
      ? both(
          at("audit", "enabled"),
          flagOf((flag) => flag === "audit-policy-file" || flag === "audit-log-path"),
        )
      : []),
    ...(secretsEncryption.enabled === true
      ? both(
          at("secretsEncryption", "enabled"),
          flagOf((flag) => flag === ownEncryptionFlag),
        )
      : []),
    ...(oidc === undefined
      ? []
      : both(
          at("oidc"),
          flagOf((flag) => flag.startsWith("oidc-")),
        )),
    ...(authenticationConfigFile === undefined
      ? []
      : both(
          at("authenticationConfigFile"),
          flagOf((flag) => flag.startsWith("oidc-") || flag === "authentication-config"),
        )),
    ...(authorizationConfigFile === undefined
      ? []
      : both(
          at("authorizationConfigFile"),
          flagOf((flag) => flag.startsWith("authorization-")),
        )),
    ...(oidc !== undefined && authenticationConfigFile !== undefined
      ? [
          {
            path: at("oidc"),
            message:
              "kube-apiserver takes either this or authenticationConfigFile; write the issuer into that file",
          },
        ]
      : []),
  ];
}
