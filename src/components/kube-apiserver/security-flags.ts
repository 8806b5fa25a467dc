// Flags of kube-apiserver that come of spec.security and spec.hardening, and where the files lie that they name.

import { join } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { type EffectiveSecurity, securityOf } from "../../config/security.ts";
import type { NodePaths } from "../../product/paths.ts";
import type { FlagMap } from "../../std/flags.ts";
import { encryptionFile } from "../secrets-encryption/files.ts";
import { configuresAdmission } from "./admission-config.ts";
import { enableFlag, ownPlugins } from "./admission-plugins.ts";

/** Made by each start. */
export function securityFiles({ dataDir }: Pick<NodePaths, "dataDir">) {
  const dir = join(dataDir, "kube-apiserver");
  const auditDir = join(dataDir, "audit");
  return {
    dir,
    auditPolicy: join(dir, "audit-policy.yaml"),
    admission: join(dir, "admission.yaml"),
    auditDir,
    auditLog: join(auditDir, "audit.log"),
  };
}

/** What a start finds on the disk. */
export interface FoundFiles {
  /** Whether Secrets are encrypted, or were, as `pki/encryption-ring.json` says. */
  readonly encrypts: boolean;
  /** Whether authenticationConfigFile says who may come without a name: then no flag may say it, too. */
  readonly namesAnonymous: boolean;
}

export const nothingFound: FoundFiles = { encrypts: false, namesAnonymous: false };

/** Those whose value is undefined are not given, whatever others say. */
export function securityFlags(
  config: NodeConfig,
  paths: NodePaths,
  found: FoundFiles,
): Readonly<Record<string, string | undefined>> {
  const security = securityOf(config);
  const files = securityFiles(paths);
  return {
    ...(security.audit === undefined ? {} : auditFlags(security.audit, files)),
    ...(configuresAdmission(security) ? { "admission-control-config-file": files.admission } : {}),
    [enableFlag]: ownPlugins(security),
    ...(security.authenticationConfigFile === undefined
      ? {}
      : { "authentication-config": security.authenticationConfigFile }),
    ...(found.namesAnonymous ? { "anonymous-auth": undefined } : {}),
    ...(security.authorizationConfigFile === undefined
      ? {}
      : { "authorization-config": security.authorizationConfigFile, "authorization-mode": undefined }),
    ...(security.oidc === undefined ? {} : oidcFlags(security.oidc)),
    ...(security.cis
      ? { "service-account-lookup": "true", "service-account-extend-token-expiration": "false" }
      : {}),
    ...(found.encrypts
      ? {
          "encryption-provider-config": encryptionFile(paths),
          "encryption-provider-config-automatic-reload": "true",
        }
      : {}),
  };
}

function auditFlags(
  { policyFile, logFile, maxAge, maxBackup, maxSize }: NonNullable<EffectiveSecurity["audit"]>,
  files: ReturnType<typeof securityFiles>,
): FlagMap {
  return {
    "audit-policy-file": policyFile ?? files.auditPolicy,
    "audit-log-path": logFile ?? files.auditLog,
    "audit-log-maxage": String(maxAge),
    "audit-log-maxbackup": String(maxBackup),
    "audit-log-maxsize": String(maxSize),
  };
}

function oidcFlags(oidc: NonNullable<EffectiveSecurity["oidc"]>): FlagMap {
  const given: Readonly<Record<string, string | undefined>> = {
    "oidc-issuer-url": oidc.issuerURL,
    "oidc-client-id": oidc.clientID,
    "oidc-username-claim": oidc.usernameClaim,
    "oidc-username-prefix": oidc.usernamePrefix,
    "oidc-groups-claim": oidc.groupsClaim,
    "oidc-groups-prefix": oidc.groupsPrefix,
    "oidc-required-claim": joined(
      Object.entries(oidc.requiredClaims).map(([claim, value]) => `${claim}=${value}`),
    ),
    "oidc-signing-algs": joined(oidc.signingAlgs),
    "oidc-ca-file": oidc.caFile,
  };
  return definedFlags(given);
}

function joined(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(",");
}

export function definedFlags(flags: Readonly<Record<string, string | undefined>>): FlagMap {
  return Object.fromEntries(
    Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
