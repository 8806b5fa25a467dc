// What `k0s doctor -o json` prints. Pure.

import type { Diagnosis } from "../../host/doctor/diagnosis.ts";
import type { ExaminedNode } from "../../host/doctor/examined-node.ts";
import type { Finding } from "../../host/doctor/finding.ts";

/** The form of the data; a change that a reader could stumble over is a new number. */
const formatVersion = 1;

export function diagnosisData(
  { links, findings, consequences }: Diagnosis,
  { role, nodeName, k0s, now }: Pick<ExaminedNode, "role" | "nodeName" | "k0s" | "now">,
): Record<string, unknown> {
  return {
    formatVersion,
    time: now.toISOString(),
    role: role ?? null,
    node: nodeName ?? null,
    k0s:
      k0s.state === "answers"
        ? { state: k0s.state, pid: k0s.pid, version: k0s.report.Version }
        : { state: k0s.state },
    healthy: findings.length === 0,
    links: links.map(({ link, state, why }) => ({ link, state, ...(why === undefined ? {} : { why }) })),
    findings: findings.map(findingData),
    consequences: consequences.map(({ finding, cause }) => ({
      link: finding.link,
      what: finding.what,
      follows: cause.link,
    })),
  };
}

function findingData({ link, about, what, evidence, effect, remedy }: Finding): Record<string, unknown> {
  return {
    link,
    ...(about === undefined ? {} : { about }),
    what,
    evidence,
    ...(effect === undefined ? {} : { effect }),
    remedy,
  };
}
