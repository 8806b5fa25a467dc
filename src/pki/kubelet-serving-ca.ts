// Keeps `kubelet-serving-ca.crt` and `.key`, with which kube-controller-manager signs kubelets' serving certificates, and
// `kubelet-serving-bundle.crt`, with which the API server verifies them. See docs/adr/0049-kubelet-serving-ca.md.

import { join } from "node:path";
import { readFileIfExists, statIfExists, writeFileIfChanged } from "../os/files.ts";
import type { UserId } from "../os/users.ts";
import type { Logger } from "../std/log.ts";
import { kubeletServingKey } from "./kubelet-serving-key.ts";
import { planKubeletServing } from "./plan-kubelet-serving.ts";
import { certificateMode, keyMode, root } from "./spec.ts";

export interface KubeletServingFiles {
  readonly certificate: string;
  readonly key: string;
  readonly bundle: string;
}

export function kubeletServingFiles(pkiDir: string): KubeletServingFiles {
  return {
    certificate: join(pkiDir, "kubelet-serving-ca.crt"),
    key: join(pkiDir, "kubelet-serving-ca.key"),
    bundle: join(pkiDir, "kubelet-serving-bundle.crt"),
  };
}

export interface KubeletServingInput {
  readonly pkiDir: string;
  /** Of kube-controller-manager. */
  readonly keyOwner: UserId;
  readonly expiresMs: number;
  /** See `beginsCluster`. */
  readonly newCluster: boolean;
  readonly now: Date;
  readonly log: Logger;
}

/**
 * Whether this start makes the cluster; to be asked before it has made the first leaf. A start that is killed in between makes
 * the next one believe in an upgrade: then the cluster's CA is accepted for kubelets for a year, without need but without harm.
 */
export async function beginsCluster(pkiDir: string): Promise<boolean> {
  return (await statIfExists(join(pkiDir, "server.crt"))) === undefined;
}

/** Needs the cluster's CA; makes whatever else is missing, and can be interrupted anywhere. */
export async function ensureKubeletServingCa(input: KubeletServingInput): Promise<void> {
  const { pkiDir, now, log } = input;
  const files = kubeletServingFiles(pkiDir);
  const [clusterCa = "", clusterKey, certificate, key, bundle] = await Promise.all(
    [join(pkiDir, "ca.crt"), join(pkiDir, "ca.key"), files.certificate, files.key, files.bundle].map(
      readFileIfExists,
    ),
  );
  const wantedKey = clusterKey === undefined ? undefined : kubeletServingKey(clusterKey);
  const facts = { clusterCa, wantedKey, certificate, key, bundle, newCluster: input.newCluster };
  const plan = planKubeletServing(facts, now);
  if (plan.certificate === "issue") {
    log.info("Making the authority of kubelets' serving certificates", { certificate: files.certificate });
  }
  const own =
    plan.certificate === "issue" && wantedKey !== undefined
      ? await issue(wantedKey, input)
      : typeof plan.certificate === "object"
        ? plan.certificate.pem
        : undefined;
  const accepted = [own, plan.acceptsClusterCa ? clusterCa : undefined].filter((pem) => pem !== undefined);
  // First of all it must be trusted.
  await writeFileIfChanged(files.bundle, accepted.map(endedLine).join(""), {
    mode: certificateMode,
    ...root,
  });
  if (own === undefined) return;
  if (wantedKey !== undefined)
    await writeFileIfChanged(files.key, wantedKey, { mode: keyMode, ...input.keyOwner });
  await writeFileIfChanged(files.certificate, endedLine(own), { mode: certificateMode, ...root });
}

async function issue(key: string, { expiresMs, now }: KubeletServingInput): Promise<string> {
  const { issueCa } = await import("./issue.ts");
  return (await issueCa({ cn: "kubelet-serving-ca", expiresMs, key, now })).cert;
}

function endedLine(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
