// A node in the hands of a test of one link: a single node that runs and is well, unless it says otherwise.

import { nodePaths } from "../../../product/paths.ts";
import type { ComponentReport, StatusReport } from "../../../status/protocol.ts";
import type { ExaminedNode } from "../examined-node.ts";
import type { Finding, Verdict } from "../finding.ts";

export const now = new Date("2026-11-26T10:00:00Z");

export const component = (name: string, changes: Partial<ComponentReport> = {}): ComponentReport => ({
  name,
  state: "ready",
  since: "2026-11-26T09:00:00Z",
  restarts: 0,
  ...changes,
});

export const report = (changes: Partial<StatusReport> = {}): StatusReport => ({
  Version: "v1.37.2+k0s.0",
  Pid: 7,
  PPid: 0,
  Role: "controller",
  SysInit: "",
  StubFile: "",
  Output: "",
  Workloads: true,
  SingleNode: true,
  Args: ["k0s", "controller"],
  WorkerToAPIConnectionStatus: { Message: "", Success: true },
  ClusterConfig: null,
  K0sVars: {},
  StartedAt: "2026-11-26T09:00:00Z",
  Healthy: true,
  Problems: [],
  Components: [],
  Details: {},
  ...changes,
});

export const answering = (changes: Partial<StatusReport> = {}): ExaminedNode["k0s"] => ({
  state: "answers",
  pid: 7,
  report: report(changes),
});

export const examined = (changes: Partial<ExaminedNode> = {}): ExaminedNode => ({
  paths: nodePaths({ root: true }),
  now,
  k0s: answering(),
  role: "controller",
  workloads: true,
  config: undefined,
  settings: undefined,
  service: undefined,
  log: undefined,
  nodeName: "n",
  konnectivity: false,
  disabled: new Set(),
  ...changes,
});

/** Empty for any verdict but that it is broken. */
export function findingsOf(verdict: Verdict): readonly Finding[] {
  return verdict.state === "broken" ? verdict.findings : [];
}

export function whatOf(verdict: Verdict): readonly string[] {
  return findingsOf(verdict).map(({ what }) => what);
}
