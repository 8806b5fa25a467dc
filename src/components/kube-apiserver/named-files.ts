// Files of this host that spec.security names for kube-apiserver: they are there, kube-apiserver may read them, and they are
// what the field says. Asked before anything is changed, and at each start of kube-apiserver.

import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { securityOf } from "../../config/security.ts";
import { errno, UserError } from "../../std/errors.ts";
import { parseYaml } from "../../std/yaml.ts";

const kinds = {
  admissionConfigFile: "AdmissionConfiguration",
  authenticationConfigFile: "AuthenticationConfiguration",
  authorizationConfigFile: "AuthorizationConfiguration",
  "audit.policyFile": "Policy",
} as const;

const document = z.looseObject({ kind: z.string(), anonymous: z.unknown().optional() });

/** By field, those that are named. Throws a UserError. */
export async function readNamedFiles(
  config: NodeConfig,
): Promise<ReadonlyMap<keyof typeof kinds, z.infer<typeof document>>> {
  const security = securityOf(config);
  const named = {
    ...security,
    "audit.policyFile": security.audit?.policyFile,
  };
  const found = new Map<keyof typeof kinds, z.infer<typeof document>>();
  for (const field of Object.keys(kinds) as (keyof typeof kinds)[]) {
    const path = named[field];
    if (path !== undefined) found.set(field, await readNamed(field, path));
  }
  return found;
}

async function readNamed(field: keyof typeof kinds, path: string): Promise<z.infer<typeof document>> {
  const fail = (why: string, hint: string, cause?: unknown): UserError =>
    new UserError(`${path} (spec.security.${field}) ${why}`, { code: "bad-security-file", hint, cause });
  const text = await readFile(path, "utf8").catch((err: unknown) => {
    throw fail(
      `cannot be read: ${errno(err) ?? "unknown error"}`,
      "Put the file there, or leave the field out.",
      err,
    );
  });
  const { mode, gid } = await stat(path);
  // kube-apiserver is no root, but in its group.
  if ((mode & 0o004) === 0 && !(gid === 0 && (mode & 0o040) !== 0))
    throw fail("cannot be read by kube-apiserver", `chgrp root ${path} && chmod 0640 ${path}`);
  const parsed = document.safeParse(parseYaml(text, { source: path }));
  const kind = parsed.success ? parsed.data.kind : "none";
  if (parsed.success && kind === kinds[field]) return parsed.data;
  throw fail(`has kind ${kind}, not ${kinds[field]}`, "Name the right file, or correct it.");
}
