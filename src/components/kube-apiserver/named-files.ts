// Files of this host that spec.security names for kube-apiserver: they are there, kube-apiserver may read them, and they hold
// what the field says. Asked before anything is changed, and at each start of kube-apiserver.

import { readFile } from "node:fs/promises";
import type { z } from "zod";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { securityOf } from "../../config/security.ts";
import { errno, UserError } from "../../std/errors.ts";
import { certificateBlocks } from "../../std/trust-bundle.ts";
import { decodeUtf8 } from "../../std/utf8.ts";
import { whyUnreadable, whyUnwritable } from "./access.ts";
import { pluginsAtWork } from "./admission-plugins.ts";
import { serviceAccountIssuer } from "./flags.ts";
import { admissionFile } from "./named/admission.ts";
import { auditPolicyFile } from "./named/audit-policy.ts";
import { authenticationFile } from "./named/authentication.ts";
import { authorizationFile } from "./named/authorization.ts";
import { checkFile, type FileKind } from "./named/document.ts";

/** What they say that a start has to know. */
interface NamedFiles {
  /** Whether authenticationConfigFile says who may come without a name. */
  readonly namesAnonymous: boolean;
}

/** Throws a UserError for the first that is not as it has to be. */
export async function checkNamedFiles(config: NodeConfig): Promise<NamedFiles> {
  const { admissionConfigFile, authenticationConfigFile, authorizationConfigFile, audit, oidc } =
    securityOf(config);
  const issuers = [config.spec.api.extraArgs["service-account-issuer"] ?? serviceAccountIssuer];
  await checkNamed("admissionConfigFile", admissionConfigFile, admissionFile(pluginsAtWork(config)));
  const authentication = await checkNamed(
    "authenticationConfigFile",
    authenticationConfigFile,
    authenticationFile(issuers),
  );
  await checkNamed("authorizationConfigFile", authorizationConfigFile, authorizationFile);
  await checkNamed("audit.policyFile", audit?.policyFile, auditPolicyFile);
  if (oidc?.caFile !== undefined) await checkAuthority("oidc.caFile", oidc.caFile);
  if (audit?.logFile !== undefined) await checkLogFile("audit.logFile", audit.logFile);
  return { namesAnonymous: authentication?.anonymous !== undefined };
}

/** Undefined: the field is not there. */
async function checkNamed<Schema extends z.ZodType>(
  field: string,
  path: string | undefined,
  kind: FileKind<Schema>,
): Promise<z.infer<Schema> | undefined> {
  if (path === undefined) return undefined;
  const text = decodeUtf8(await readNamed(field, path), path);
  const { data, refers, fail } = checkFile(kind, {
    path,
    field: `spec.security.${field}`,
    text,
  });
  for (const { path: at, file } of refers) {
    const why = await whyUnreadable(file);
    if (why !== undefined) throw fail([{ path: at, message: `${file} ${why.message}: ${why.remedy}` }]);
  }
  return data;
}

async function readNamed(field: string, path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((err: unknown) => {
    throw refused(
      field,
      path,
      `cannot be read: ${errno(err) ?? "unknown error"}`,
      "Put the file there, or leave the field out.",
      err,
    );
  });
  const why = await whyUnreadable(path);
  if (why !== undefined) throw refused(field, path, why.message, why.remedy);
  return bytes;
}

async function checkAuthority(field: string, path: string): Promise<void> {
  // What stands between certificates may be of any encoding.
  const text = new TextDecoder("latin1").decode(await readNamed(field, path));
  if (certificateBlocks(text).length > 0) return;
  throw refused(
    field,
    path,
    "holds no certificate in PEM",
    "Name the authority of the issuer's certificate.",
  );
}

async function checkLogFile(field: string, path: string): Promise<void> {
  const why = await whyUnwritable(path);
  if (why !== undefined) throw refused(field, path, why.message, why.remedy);
}

function refused(field: string, path: string, why: string, hint: string, cause?: unknown): UserError {
  return new UserError(`${path} (spec.security.${field}) ${why}`, {
    code: "bad-security-file",
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
