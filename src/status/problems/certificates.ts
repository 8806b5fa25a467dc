// Certificates of this node that are not valid, or will not be for long. Pure.

import { formatDuration } from "../../std/duration.ts";
import type { Problem } from "./problem.ts";

export interface KnownCertificate {
  readonly path: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
  /** Kubelet's own, which the cluster's signer issues. */
  readonly ofKubelet: boolean;
}

const dayMs = 86_400_000;
/** An authority is not renewed by k0s: the person who has to do it needs time. */
const authorityNoticeMs = 30 * dayMs;
/** k0s renews a certificate long before so little of its life is left. */
const leastShare = 0.05;

/** One problem of each kind, about the worst certificate. */
export function certificateProblems(certificates: readonly KnownCertificate[], now: Date): Problem[] {
  const early = certificates.filter(({ notBefore }) => notBefore.getTime() > now.getTime() + 60_000);
  const left = ({ notAfter }: KnownCertificate): number => notAfter.getTime() - now.getTime();
  const byEnd = certificates.toSorted((a, b) => left(a) - left(b));
  const authority = byEnd.find((one) => one.isAuthority && left(one) < authorityNoticeMs);
  const leaf = byEnd.find((one) => !one.isAuthority && left(one) < leastShare * lifeOf(one));
  return [
    ...early.slice(0, 1).map((one) => notYetValid(one, now)),
    ...(authority === undefined ? [] : [ofAuthority(authority, left(authority))]),
    ...(leaf === undefined ? [] : [ofLeaf(leaf, left(leaf))]),
  ];
}

function lifeOf({ notBefore, notAfter }: KnownCertificate): number {
  return notAfter.getTime() - notBefore.getTime();
}

function notYetValid({ path, notBefore }: KnownCertificate, now: Date): Problem {
  return {
    text: `the certificate ${path} is valid from ${notBefore.toISOString()} only, and here it is ${now.toISOString()}`,
    remedy: "set the clock of this host right, e.g. with NTP",
  };
}

function ofAuthority({ path, notAfter }: KnownCertificate, leftMs: number): Problem {
  return {
    text: `the certificate authority ${path} ${endText(notAfter, leftMs)}`,
    remedy: "k0s does not renew authorities: move to a new cluster in time",
  };
}

function ofLeaf({ path, notAfter, ofKubelet }: KnownCertificate, leftMs: number): Problem {
  const remedy =
    ofKubelet && leftMs < 0
      ? "let this node join anew: `k0s reset`, then start it with a new token"
      : "a restart of k0s renews it";
  return { text: `the certificate ${path} ${endText(notAfter, leftMs)}`, remedy };
}

function endText(notAfter: Date, leftMs: number): string {
  if (leftMs < 0) return `ended on ${notAfter.toISOString()}`;
  const left =
    leftMs >= 2 * dayMs
      ? `${Math.floor(leftMs / dayMs)} days`
      : formatDuration(Math.round(leftMs / 60_000) * 60_000);
  return `ends in ${left}`;
}
