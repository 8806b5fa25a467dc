// What Helm knows of a release: its revisions, read from the labels of the Secrets in which it keeps them, so that a look
// costs one request and no process.

import type { KubeClient } from "../../kube/client.ts";
import { secretKind } from "../../kube/objects/secret.ts";
import type { KubeResource } from "../../kube/types.ts";
import type { ReleaseRef } from "./chart.ts";

/** Helm's own words for the state of a revision. */
export type RevisionStatus =
  | "unknown"
  | "deployed"
  | "uninstalled"
  | "superseded"
  | "failed"
  | "uninstalling"
  | "pending-install"
  | "pending-upgrade"
  | "pending-rollback";

export interface Revision {
  readonly revision: number;
  readonly status: string;
  /** When it was written last, in seconds of the clock of who did. */
  readonly writtenAt: number;
}

/** All of them, the newest last; none if there is no such release. */
export async function readRevisions(
  client: Pick<KubeClient, "list">,
  { name, namespace }: ReleaseRef,
  signal: AbortSignal,
): Promise<readonly Revision[]> {
  const labelSelector = `owner=helm,name=${name}`;
  const { items } = await client.list(secretKind, { namespace, labelSelector, metadataOnly: true, signal });
  return revisionsOf(items);
}

export function revisionsOf(secrets: readonly KubeResource[]): readonly Revision[] {
  return secrets
    .flatMap(({ metadata: { labels = {} } }) => {
      const revision = Number(labels["version"]);
      if (!Number.isSafeInteger(revision)) return [];
      const writtenAt = Number(labels["modifiedAt"] ?? labels["createdAt"] ?? 0);
      return [{ revision, status: labels["status"] ?? "unknown", writtenAt }];
    })
    .toSorted((one, other) => one.revision - other.revision);
}

/** Somebody's helm works on it, or has died in the middle. */
export function isPending({ status }: Revision): boolean {
  return status.startsWith("pending-") || status === "uninstalling";
}

/** The revision to go back to: the last one that worked. */
export function goodRevision(revisions: readonly Revision[]): number | undefined {
  const last = (wanted: RevisionStatus): Revision | undefined =>
    revisions.findLast(({ status }) => status === wanted);
  return (last("deployed") ?? last("superseded"))?.revision;
}
