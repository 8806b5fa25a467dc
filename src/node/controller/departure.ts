// What a controller that belongs to its cluster no longer says of itself, while it ends its parts and after that.

import type { DepartureReason } from "../../components/departure.ts";
import type { Problem } from "../../status/problems/problem.ts";
import type { StatusSources } from "../../status/server.ts";

const remedy = "end it with `k0s stop`, then `k0s reset`; it joins again with a new join token";

/** What is wrong with a controller that departs or has departed; nothing while it belongs to its cluster. */
export function departureTroubles(reason: DepartureReason | undefined): readonly Problem[] {
  if (reason === undefined) return [];
  return [{ text: `this controller ${reason.text}, so it runs nothing any more`, remedy }];
}

/** For the status once everything has ended: nobody looks at anything any more. */
export function departedSources(sources: StatusSources): StatusSources {
  const { version, role, workloads, singleNode, startedAt, k0sVars } = sources;
  return {
    version,
    role,
    workloads,
    singleNode,
    startedAt,
    k0sVars,
    clusterConfig: () => sources.clusterConfig(),
    troubles: () => sources.troubles?.() ?? [],
    componentStatuses: () => [],
    observer: {
      apiFailure: () => undefined,
      hostProblems: () => [],
      clusterProblems: () => [],
      readiness: () => undefined,
      details: () => ({}),
    },
  };
}
