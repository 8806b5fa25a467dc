// What the audit log of an API server tells of requests: who made them, when, of which kind.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const auditPath = "/var/tmp/audit.log";
export const auditPolicyPath = "/etc/k0s/audit.yaml";

/** Of spec.api.extraArgs: what the policy there names is logged. */
export const auditArgs = {
  "audit-policy-file": auditPolicyPath,
  "audit-log-path": auditPath,
  // Megabytes: after 100 it would begin another file, and what is in the first would not be counted.
  "audit-log-maxsize": "2000",
};

export interface AuditLine {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly stageTimestamp: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
}

/** Requests that ended between two times, by whose program names itself so. */
export async function requestsBetween(
  from: number,
  to: number,
  isOf: (userAgent: string) => boolean,
): Promise<readonly AuditLine[]> {
  const found: AuditLine[] = [];
  // Line by line: where many nodes have come and gone it is hundreds of megabytes.
  for await (const line of createInterface({ input: createReadStream(auditPath, "utf8") })) {
    if (line === "") continue;
    const one = JSON.parse(line) as AuditLine;
    const at = Date.parse(one.stageTimestamp);
    if (isOf(one.userAgent ?? "") && at >= from && at < to) found.push(one);
  }
  return found;
}

export const isK0s = (userAgent: string): boolean => userAgent === "k0s";
export const isHelm = (userAgent: string): boolean => userAgent.startsWith("Helm/");

/** `get leases`, `patch nodes/status`; of what is no object its path. */
export function kindOf({ verb, requestURI, objectRef }: AuditLine): string {
  const { resource, subresource } = objectRef ?? {};
  if (resource === undefined) return `${verb} ${requestURI.replace(/\?.*/, "")}`;
  return `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
}

export function countBy<T>(all: readonly T[], key: (one: T) => string): Readonly<Record<string, number>> {
  const groups = [...Map.groupBy(all, key)].map(([name, { length }]) => [name, length] as const);
  return Object.fromEntries(groups.toSorted(([, a], [, b]) => b - a));
}

const writing = new Set(["create", "update", "patch", "delete", "deletecollection"]);

export const isWrite = ({ verb }: AuditLine): boolean => writing.has(verb);
