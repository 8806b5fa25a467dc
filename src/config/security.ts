// What spec.hardening and spec.security mean together: the switch gives defaults, single fields win over it.

import type { NodeConfig } from "./fixed-fields.ts";

type Security = NonNullable<NodeConfig["spec"]["security"]>;
type EventLimit = Security["eventRateLimit"]["limits"][number];
export type PodSecurityLevel = NonNullable<Security["podSecurity"]["enforce"]>;

export interface PodSecurity extends Pick<
  Security["podSecurity"],
  "exemptUsernames" | "exemptRuntimeClasses"
> {
  readonly enforce: PodSecurityLevel;
  readonly audit: PodSecurityLevel;
  readonly warn: PodSecurityLevel;
  readonly exemptNamespaces: readonly string[];
}

export interface EffectiveSecurity {
  readonly cis: boolean;
  readonly encrypts: boolean;
  /** Undefined: there is no audit log of k0s' making. */
  readonly audit: Omit<Security["audit"], "enabled"> | undefined;
  /** Undefined: Kubernetes' own defaults. */
  readonly podSecurity: PodSecurity | undefined;
  readonly eventLimits: readonly EventLimit[];
  readonly admissionConfigFile: string | undefined;
  readonly authenticationConfigFile: string | undefined;
  readonly authorizationConfigFile: string | undefined;
  readonly oidc: Security["oidc"];
}

/** The namespaces of a cluster's own parts: those pods need the host. */
const systemNamespaces = ["kube-system"];

/** High enough for a whole cluster that starts again, low enough for one that has gone wild. */
const eventLimits: readonly EventLimit[] = [
  { type: "Server", qps: 5_000, burst: 20_000 },
  { type: "SourceAndObject", qps: 50, burst: 100, cacheSize: 4_096 },
];

/** The flag with which a user gives a file of their own, which k0s then leaves alone. */
export const ownEncryptionFlag = "encryption-provider-config";

export function securityOf({ spec }: Pick<NodeConfig, "spec">): EffectiveSecurity {
  const cis = spec.hardening === "cis";
  const security = spec.security;
  const own = spec.api.extraArgs;
  const { enabled: audits = cis, ...audit } = security?.audit ?? { maxAge: 30, maxBackup: 10, maxSize: 100 };
  const limits = security?.eventRateLimit.limits ?? [];
  return {
    cis,
    encrypts: (security?.secretsEncryption.enabled ?? cis) && own[ownEncryptionFlag] === undefined,
    audit: audits ? audit : undefined,
    podSecurity: podSecurityOf(security?.podSecurity, cis),
    eventLimits:
      (security?.eventRateLimit.enabled ?? cis) ? (limits.length === 0 ? eventLimits : limits) : [],
    admissionConfigFile: security?.admissionConfigFile,
    authenticationConfigFile: security?.authenticationConfigFile,
    authorizationConfigFile: security?.authorizationConfigFile,
    oidc: security?.oidc,
  };
}

function podSecurityOf(asked: Security["podSecurity"] | undefined, cis: boolean): PodSecurity | undefined {
  const fallback = (strict: PodSecurityLevel): PodSecurityLevel => (cis ? strict : "privileged");
  const levels = {
    enforce: asked?.enforce ?? fallback("baseline"),
    audit: asked?.audit ?? fallback("restricted"),
    warn: asked?.warn ?? fallback("restricted"),
  };
  if (Object.values(levels).every((level) => level === "privileged")) return undefined;
  return {
    ...levels,
    exemptNamespaces: [...new Set([...systemNamespaces, ...(asked?.exemptNamespaces ?? [])])],
    exemptUsernames: asked?.exemptUsernames ?? [],
    exemptRuntimeClasses: asked?.exemptRuntimeClasses ?? [],
  };
}
