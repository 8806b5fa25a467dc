// The node's certificate on a controller: signed there, or where the authority's key is elsewhere, or kube-controller-manager is
// told how to sign, asked for with the administrator's credentials. Upstream asks before it starts anything (pkg/component/worker/utils.go).

import type { NodePaths } from "../../product/paths.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Logger } from "../../std/log.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { onceTask } from "../../supervisor/task.ts";
import type { NodeCertificate } from "./certificate.ts";
import { issueLocally } from "./issue-locally.ts";
import { type ClusterAddress, storeNodeCertificate } from "./kubelet-kubeconfig.ts";
import { storedMembership } from "./membership.ts";
import { isSameTrust } from "../../std/trust-bundle.ts";
import { nodeCredentials } from "./declaration.ts";

export interface LocalCredentialsOptions {
  readonly paths: NodePaths;
  readonly nodeName: string;
  readonly client: () => Promise<KubeClient>;
  /** The API server beside this worker. */
  readonly cluster: () => Promise<ClusterAddress>;
  /** The life of a certificate that is signed here; undefined: it is asked for. */
  readonly expiresMs: number | undefined;
  readonly log: Logger;
  readonly dependsOn: readonly Dependency[];
}

export function localCredentials(options: LocalCredentialsOptions): Component {
  const { paths, nodeName } = options;
  const log = options.log.with({ component: nodeCredentials.name });

  const ensure = async (signal: AbortSignal): Promise<void> => {
    const cluster = await options.cluster();
    if (await isCurrent(options, cluster)) return;
    const certificate = (await issued(cluster)) ?? (await request(signal));
    await storeNodeCertificate(paths, cluster, certificate);
  };

  const issued = async ({ ca }: ClusterAddress): Promise<NodeCertificate | undefined> => {
    const { expiresMs } = options;
    return expiresMs === undefined ? undefined : await issueLocally({ paths, nodeName, ca, expiresMs });
  };

  const request = async (signal: AbortSignal): Promise<NodeCertificate> => {
    // The library for certificates is large, and mostly not needed.
    const { requestNodeCertificate } = await import("./certificate.ts");
    return await requestNodeCertificate(await options.client(), nodeName, {
      signal,
      onDelay: (csr) => log.warn("Nobody has approved the node's certificate request yet", { csr }),
    });
  };

  return onceTask({ ...nodeCredentials, dependsOn: options.dependsOn, work: ensure });
}

function isSameCluster(one: ClusterAddress, other: ClusterAddress): boolean {
  return one.server === other.server && isSameTrust(one.ca, other.ca);
}

/** Whatever is wrong with the old ones, new ones can be issued at once. */
async function isCurrent(
  { paths, nodeName, log }: LocalCredentialsOptions,
  cluster: ClusterAddress,
): Promise<boolean> {
  try {
    const membership = await storedMembership(paths, nodeName);
    return membership.state === "member" && isSameCluster(membership.cluster, cluster);
  } catch (err) {
    log.warn("The node gets new credentials", { err });
    return false;
  }
}
