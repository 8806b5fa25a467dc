// Writes the status of a Chart.

import type { KubeClient } from "../../kube/client.ts";
import { refOf } from "../../kube/types.ts";
import {
  type Chart,
  type ChartOperation,
  type ChartStatus,
  type ReleaseRef,
  specHashOf,
  valuesHashOf,
} from "./chart.ts";

/** What of it changes; null takes a field away. */
export type StatusChange = { readonly [Field in keyof ChartStatus]?: ChartStatus[Field] | null };

/** What `helm get metadata -o json` tells. */
export interface ReleaseMetadata {
  readonly version?: string;
  readonly appVersion?: string;
  readonly revision?: number;
  readonly status?: string;
  readonly deployedAt?: string;
}

/** Returns the Chart as it is then, its specification too. */
export async function writeStatus(
  client: Pick<KubeClient, "patch">,
  chart: Chart,
  change: StatusChange,
  signal: AbortSignal,
): Promise<Chart> {
  return client.patch<Chart>(refOf(chart), "merge", { status: change }, { signal, subresource: "status" });
}

/** When `chart` has become a release. */
export function deployedStatus(
  chart: Chart,
  release: ReleaseRef,
  made: ReleaseMetadata,
  valuesFromHash: string,
): StatusChange {
  return {
    releaseName: release.name,
    namespace: release.namespace,
    version: made.version ?? "",
    appVersion: made.appVersion ?? "",
    revision: made.revision ?? 0,
    status: made.status ?? "",
    updated: made.deployedAt ?? "",
    valuesHash: valuesHashOf(chart),
    specHash: specHashOf(chart),
    valuesFromHash: valuesFromHash === "" ? null : valuesFromHash,
    error: "",
    operation: null,
  };
}

export function begunStatus({ name, namespace }: ReleaseRef, revision: number): StatusChange {
  const operation: ChartOperation = { release: name, namespace, revision };
  return { operation };
}

/** When the release is gone. */
export const forgottenStatus: StatusChange = {
  releaseName: null,
  namespace: null,
  version: null,
  appVersion: null,
  revision: null,
  status: null,
  updated: null,
  valuesHash: null,
  specHash: null,
  valuesFromHash: null,
  operation: null,
};
