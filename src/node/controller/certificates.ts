// The PKI of a controller as a component: made or renewed before anything that needs it starts.
// Upstream: cmd/controller/certificates.go.

import { apiServerSans, isEtcdManaged } from "../../config/derived.ts";
import { checkClusterPki, checkEtcdPki, ensureClusterPki, ensureEtcdPki } from "../../pki/ensure.ts";
import type { PkiStep } from "../../pki/plan-steps.ts";
import { usedCertificates } from "../../pki/used-certificates.ts";
import { parseDuration } from "../../std/duration.ts";
import type { Component } from "../../supervisor/component.ts";
import { isSingleController } from "../../components/controller-facts.ts";
import { konnectivityDeclaration } from "../../components/konnectivity/declaration.ts";
import { runs } from "../../supervisor/declaration.ts";
import type { ControllerNode, PreparedController } from "./facts.ts";

/** Certificates that not every controller has. */
const extentOf = ({ options, config }: Pick<PreparedController, "options" | "config">) => ({
  konnectivity: runs(konnectivityDeclaration, { ...options, config }),
  joinApi: !isSingleController(options, config),
});

/** Files of the certificates that this controller uses, whatever else lies beside them. */
export function certificatesOf(node: Pick<PreparedController, "options" | "config">): readonly string[] {
  return usedCertificates({ paths: node.options.paths, config: node.config, ...extentOf(node) });
}

/** etcd's own, once the etcd CA of a joined cluster is there. */
export async function prepareEtcdCertificates(node: ControllerNode): Promise<readonly PkiStep[]> {
  const { config, users, io, options } = node;
  return ensureEtcdPki({
    config,
    users,
    log: io.log.with({ component: "certificates" }),
    paths: options.paths,
  });
}

/** Everything but etcd's own. */
async function prepareClusterCertificates(node: ControllerNode): Promise<readonly PkiStep[]> {
  const { config, users, io, options } = node;
  return ensureClusterPki({
    config,
    users,
    log: io.log.with({ component: "certificates" }),
    paths: options.paths,
    ...extentOf(node),
    sans: apiServerSans(config, { addresses: await node.addresses() }),
  });
}

/** Of the certificates with the shortest life. */
export function leafLifetimeMs({ spec }: PreparedController["config"]): number {
  return Math.min(
    parseDuration(spec.api.ca.certificatesExpireAfter),
    parseDuration(spec.storage.etcd.ca.certificatesExpireAfter),
  );
}

/** While k0s runs: what ages is issued again. Returns what was done. */
export async function renewCertificates(node: ControllerNode): Promise<readonly PkiStep[]> {
  const steps = await prepareClusterCertificates(node);
  return isEtcdManaged(node.config) ? [...steps, ...(await prepareEtcdCertificates(node))] : steps;
}

export function certificatesComponent(node: ControllerNode): Component {
  return {
    name: "certificates",
    // A joining controller gets the cluster's CA first.
    dependsOn: ["join"],
    start: async () => {
      await prepareClusterCertificates(node);
    },
    stop: () => Promise.resolve(),
  };
}

/** Throws a UserError for files that only a person can put right, before anything is changed. */
export async function checkCertificates(
  { config, options, io }: Pick<PreparedController, "config" | "options" | "io">,
  { joining }: { readonly joining: boolean },
): Promise<void> {
  // Whose the files are and what names they hold is put right, so it is not refused.
  const input = { config, users: new Map(), log: io.log, paths: options.paths, joining };
  await checkClusterPki({ ...input, ...extentOf({ options, config }), sans: [] });
  if (isEtcdManaged(config)) await checkEtcdPki(input);
}
