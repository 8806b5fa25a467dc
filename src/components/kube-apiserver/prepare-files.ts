// Writes what kube-apiserver reads besides certificates: audit policy, admission, encryption of Secrets.

import { ensureDir, readFileIfExists, writeFileIfChanged } from "../../os/files.ts";
import { securityOf } from "../../config/security.ts";
import type { ControllerNode } from "../node-facts.ts";
import { prepareEncryption } from "../secrets-encryption/prepare.ts";
import { admissionConfiguration, configuresAdmission } from "./admission-config.ts";
import { defaultAuditPolicy } from "./audit-policy.ts";
import { checkNamedFiles } from "./named-files.ts";
import { type FoundFiles, securityFiles } from "./security-flags.ts";

export async function prepareFiles(
  node: Pick<ControllerNode, "config" | "paths" | "user">,
  userName: string,
): Promise<FoundFiles> {
  const { config, paths, user } = node;
  const security = securityOf(config);
  const { namesAnonymous } = await checkNamedFiles(config);
  const files = securityFiles(paths);
  const readable = { mode: 0o640, uid: 0, gid: 0 };
  const admits = configuresAdmission(security);
  if (security.audit !== undefined || admits) await ensureDir(files.dir, { mode: 0o750, uid: 0, gid: 0 });
  if (admits) {
    const own = security.admissionConfigFile;
    const text = own === undefined ? undefined : await readFileIfExists(own);
    await writeFileIfChanged(files.admission, admissionConfiguration(security, text), readable);
  }
  if (security.audit !== undefined) {
    await writeFileIfChanged(files.auditPolicy, defaultAuditPolicy(), readable);
    if (security.audit.logFile === undefined)
      await ensureDir(files.auditDir, { mode: 0o700, uid: user?.(userName)?.uid ?? 0, gid: 0 });
  }
  return {
    encrypts: await prepareEncryption(node, userName),
    namesAnonymous,
  };
}
