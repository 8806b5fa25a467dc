// Which authority signs kubelets' serving certificates, and which ones the API server and others verify them with. Pure.
// Upstream signs them with the cluster's CA; docs/adr/0049-kubelet-serving-ca.md.

import { createPrivateKey } from "node:crypto";
import { publicKeyId } from "./keys.ts";
import { type ObservedCertificate, parseCertificate } from "./observe.ts";
import { certificateBlocks } from "../std/trust-bundle.ts";

export interface KubeletServingFacts {
  /** PEM of the cluster's CA. */
  readonly clusterCa: string;
  /** What the key has to be; undefined where the key of the cluster's CA is elsewhere. */
  readonly wantedKey: string | undefined;
  /** `kubelet-serving-ca.crt` and `.key`. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** `kubelet-serving-bundle.crt`: of an earlier start, or what the cluster gave to a host that joins. */
  readonly bundle: string | undefined;
  /** The cluster begins here and now: no kubelet has a certificate of the cluster's CA. */
  readonly newCluster: boolean;
}

export interface KubeletServingPlan {
  /** PEM of the certificate to use; `issue`: a new one for `wantedKey`; `none`: this host cannot sign. */
  readonly certificate: { readonly pem: string } | "issue" | "none";
  /** Whether certificates that the cluster's CA has signed are accepted still. */
  readonly acceptsClusterCa: boolean;
}

/** As long as kube-controller-manager's certificates live (`--cluster-signing-duration`), and a little more. */
export const oldCertificatesLifeMs = 366 * 86_400_000;

/** An authority with less of its life left gets a new certificate; its key stays. */
const freshShare = 0.4;

export function planKubeletServing(facts: KubeletServingFacts, now: Date): KubeletServingPlan {
  const bundled = certificatesIn(facts.bundle);
  const certificate = usableCertificate(facts, bundled, now);
  // Only a bundle can tell of a cluster that was upgraded; where there is none, the upgrade is happening.
  const accepted =
    bundled.length === 0 ? !facts.newCluster : bundled.some((one) => isSame(one, facts.clusterCa));
  const madeAt = typeof certificate === "object" ? certificate.made : now;
  return {
    certificate: typeof certificate === "object" ? { pem: certificate.pem } : certificate,
    acceptsClusterCa:
      certificate === "none" || (accepted && now.getTime() - madeAt.getTime() < oldCertificatesLifeMs),
  };
}

function usableCertificate(
  { wantedKey, certificate, key }: KubeletServingFacts,
  bundled: readonly ObservedCertificate[],
  now: Date,
): { pem: string; made: Date } | "issue" | "none" {
  const present = certificatesIn(certificate);
  const keyId = keyIdOf(wantedKey ?? key);
  if (keyId === undefined) return "none";
  const found = [...present, ...bundled].find(
    (one) => one.isAuthority && one.publicKeyId === keyId && (wantedKey === undefined || isFresh(one, now)),
  );
  if (found !== undefined) return { pem: found.pem, made: found.notBefore };
  return wantedKey === undefined ? "none" : "issue";
}

function isFresh({ notBefore, notAfter }: ObservedCertificate, now: Date): boolean {
  const left = notAfter.getTime() - now.getTime();
  return notBefore <= now && left >= (notAfter.getTime() - notBefore.getTime()) * freshShare;
}

function isSame(one: ObservedCertificate, clusterCa: string): boolean {
  return certificatesIn(clusterCa).some(({ publicKeyId: id }) => id === one.publicKeyId);
}

function keyIdOf(pem: string | undefined): string | undefined {
  if (pem === undefined) return undefined;
  try {
    return publicKeyId(createPrivateKey(pem));
  } catch {
    // Damaged: it is derived again where that is possible, and useless where it is not.
    return undefined;
  }
}

/** Those of a text with any number of them; what is damaged counts as missing. */
function certificatesIn(text: string | undefined): readonly ObservedCertificate[] {
  return certificateBlocks(text ?? "").flatMap((pem) => {
    try {
      return [parseCertificate(pem)];
    } catch {
      return [];
    }
  });
}
