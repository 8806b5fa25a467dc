// The PKI of a controller as a component: made or renewed before anything that needs it starts.
// Upstream: cmd/controller/certificates.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { apiServerSans, isEtcdManaged } from "../../config/derived.ts";
import { checkClusterPki, checkEtcdPki, ensureClusterPki, ensureEtcdPki } from "../../pki/ensure.ts";
import type { PkiStep } from "../../pki/plan-steps.ts";
import { usedCertificates } from "../../pki/used-certificates.ts";
import { parseDuration } from "../../std/duration.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { type CertificateNeeds, certificatesDeclaration } from "./declaration.ts";
import { joinDeclaration } from "../controller-join/declaration.ts";

type CertificateFacts = Pick<ControllerNode, "paths" | "config" | "konnectivity" | "alone">;

/** Certificates that not every controller has. */
const extentOf = ({ konnectivity, alone }: CertificateFacts) => ({ konnectivity, joinApi: !alone });

/** Files of the certificates that this controller uses, whatever else lies beside them. */
export function certificatesOf(node: CertificateFacts): readonly string[] {
  return usedCertificates({ paths: node.paths, config: node.config, ...extentOf(node) });
}

/** etcd's own, once the etcd CA of a joined cluster is there. */
export async function prepareEtcdCertificates(node: ControllerNode): Promise<readonly PkiStep[]> {
  const { config, users, log, paths, keys } = node;
  return ensureEtcdPki({ config, users, log: log.with({ component: "certificates" }), paths, keys });
}

/** Everything but etcd's own. */
async function prepareClusterCertificates(
  node: ControllerNode & CertificateNeeds,
): Promise<readonly PkiStep[]> {
  const { config, users, log, paths, keys } = node;
  return ensureClusterPki({
    keys,
    config,
    users,
    log: log.with({ component: "certificates" }),
    paths,
    ...extentOf(node),
    sans: apiServerSans(config, { addresses: await node.addresses() }),
  });
}

/** Of the certificates with the shortest life. */
export function leafLifetimeMs({ spec }: ClusterConfig): number {
  return Math.min(
    parseDuration(spec.api.ca.certificatesExpireAfter),
    parseDuration(spec.storage.etcd.ca.certificatesExpireAfter),
  );
}

/** While k0s runs: what ages is issued again. Returns what was done. */
export async function renewCertificates(
  node: ControllerNode & CertificateNeeds,
): Promise<readonly PkiStep[]> {
  const steps = await prepareClusterCertificates(node);
  return isEtcdManaged(node.config) ? [...steps, ...(await prepareEtcdCertificates(node))] : steps;
}

export function certificatesComponent(node: ControllerNode & CertificateNeeds): Component {
  return {
    name: certificatesDeclaration.name,
    // A joining controller gets the cluster's CA first.
    dependsOn: [joinDeclaration],
    start: async () => {
      await prepareClusterCertificates(node);
    },
    stop: () => Promise.resolve(),
  };
}

/** Throws a UserError for files that only a person can put right, before anything is changed. */
export async function checkCertificates(
  node: CertificateFacts & Pick<ControllerNode, "log">,
  { joining }: { readonly joining: boolean },
): Promise<void> {
  const { config, log, paths } = node;
  // Whose the files are and what names they hold is put right, so it is not refused.
  const input = { config, users: new Map(), log, paths, joining };
  await checkClusterPki({ ...input, ...extentOf(node), sans: [] });
  if (isEtcdManaged(config)) await checkEtcdPki(input);
}
