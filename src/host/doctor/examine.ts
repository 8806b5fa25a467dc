// Looks at all links at once, each within its time, and says what is wrong.

import { join } from "node:path";
import { datastoreDirectories } from "../../status/observers/datastore-directories.ts";
import { observeHost } from "../../status/observers/host.ts";
import type { NodePaths } from "../../product/paths.ts";
import { errorMessage } from "../../std/errors.ts";
import { formatDuration } from "../../std/duration.ts";
import { unlessAborted } from "../../std/wait.ts";
import { fileFaults } from "../file-faults.ts";
import { askApi } from "./api-answer.ts";
import { chain } from "./chain.ts";
import { viewCluster } from "./cluster-view.ts";
import { type Diagnosis, diagnose, type LinkReport } from "./diagnosis.ts";
import type { ExaminedNode } from "./examined-node.ts";
import type { Finding, LinkName } from "./finding.ts";
import type { Link } from "./link.ts";
import { certificatesOfNode } from "./links/certificates.ts";
import { observeNode } from "./observe-node.ts";
import { redacted } from "./redacted.ts";
import { sharedLooks, type SharedLooks } from "./shared-looks.ts";

/** What a link may take; all are looked at at the same time, and some wait for the API server and then for the lists of objects. */
const linkLimitMs = 13_000;

export interface Examined {
  readonly node: ExaminedNode;
  readonly diagnosis: Diagnosis;
}

export async function examineHost(paths: NodePaths, signal: AbortSignal): Promise<Examined> {
  const node = await observeNode(paths, signal);
  const shared = sharedLooks({
    host: () => lookAtHost(node),
    api: () => askApi(node, signal),
    cluster: (api) => viewCluster(node, api, signal),
  });
  const reports = await examineLinks(chain, node, shared, signal);
  return { node, diagnosis: diagnose(withSilentProblems(reports, node)) };
}

/** A link that fails, or takes too long, is broken by that alone: it must not hide what it could not see. */
export async function examineLinks(
  links: readonly Link[],
  node: ExaminedNode,
  shared: SharedLooks,
  signal: AbortSignal,
  limitMs = linkLimitMs,
): Promise<readonly LinkReport[]> {
  return Promise.all(
    links.map(async ({ name, examine }): Promise<LinkReport> => {
      const limit = AbortSignal.timeout(limitMs);
      const over = AbortSignal.any([signal, limit]);
      try {
        return { link: name, verdict: await unlessAborted(examine({ node, shared, signal: over }), over) };
      } catch (err) {
        signal.throwIfAborted();
        const why = limit.aborted ? `it takes longer than ${formatDuration(limitMs)}` : errorMessage(err);
        return { link: name, verdict: { state: "broken", findings: [cannotLook(name, why)] } };
      }
    }),
  );
}

function cannotLook(link: LinkName, why: string): Finding {
  return {
    link,
    about: "looking",
    what: `${link} cannot be looked at: ${redacted(why)}`,
    evidence: [],
    remedy: "look at the links before it; if they are well, this host is overloaded, or it is a fault of k0s",
    explains: [],
  };
}

/** What the running k0s holds against itself is never passed over, though no link has found it. */
export function withSilentProblems(
  reports: readonly LinkReport[],
  { k0s }: ExaminedNode,
): readonly LinkReport[] {
  if (k0s.state !== "answers" || k0s.report.Healthy) return reports;
  if (reports.some(({ verdict }) => verdict.state === "broken")) return reports;
  const findings = k0s.report.Problems.map((problem): Finding => ({
    link: "processes",
    what: redacted(problem),
    evidence: ["`k0s status` says so"],
    remedy: "`k0s status` shows whether it lasts",
    explains: [],
  }));
  return reports.map((report) =>
    report.link === "processes" ? { link: report.link, verdict: { state: "broken", findings } } : report,
  );
}

function lookAtHost(node: ExaminedNode): ReturnType<typeof observeHost> {
  const { paths, config, role, workloads } = node;
  const certificates = certificatesOfNode(node);
  return observeHost({
    directories: [
      ...(config === undefined ? [] : datastoreDirectories(config, paths)),
      paths.dataDir,
      paths.runDir,
      ...(workloads ? [paths.kubeletRootDir, paths.containerdRootDir] : []),
    ],
    certificates,
    kubeletPkiDir: workloads ? join(paths.kubeletRootDir, "pki") : undefined,
    fileFaults: () => fileFaults({ paths, controller: role === "controller", pods: workloads, certificates }),
  });
}
