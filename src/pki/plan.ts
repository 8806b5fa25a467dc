// Compares the PKI that should be with the PKI that is and says what to do: pure, so that it can be tested and shown.
//
// Where ours differs from upstream (pkg/certificate/manager.go), which issues every leaf again at every start: a leaf
// is kept while it says what it should, the authority that is present signed it and more than `freshShare` of its
// life is left. So what pinned a certificate survives restarts, a restart makes no keys, and a node that
// restarts now and then never meets an expiry.

import { UserError } from "../std/errors.ts";
import { normalizeIp } from "../std/ip.ts";
import { ownAuthorities } from "./own-names.ts";
import { checkAuthority, checkClock, checkKeyPair } from "./plan-checks.ts";
import { planOwnership } from "./plan-ownership.ts";
import { backdateMs } from "./issue.ts";
import type { LeafReason, PkiStep } from "./plan-steps.ts";
import type { ObservedCertificate, ObservedKey, ObservedPair, ObservedPki } from "./observe.ts";
import {
  type CaSpec,
  type DirectorySpec,
  type KeyPairSpec,
  type LeafSpec,
  type PkiSpec,
  unfinishedKey,
} from "./spec.ts";

/** A leaf with less of its life left is issued again. */
export const freshShare = 0.6;

/** Throws a UserError for a state that only a person can put right; the steps are in the order to run them. */
export function planPki(spec: PkiSpec, observed: ObservedPki, now: Date): readonly PkiStep[] {
  const authorities = spec.authorities.map((ca) => planAuthority(ca, pairOf(observed, ca.base), now));
  const basesOf = (action: "create-ca" | "finish-ca"): ReadonlySet<string> =>
    new Set(authorities.flatMap((step) => (step.action === action ? [step.spec.base] : [])));
  const fate = { created: basesOf("create-ca"), finished: basesOf("finish-ca") };
  const leaves = spec.leaves.map((leaf) => planLeaf(leaf, observed, fate, now));
  const steps: PkiStep[] = [
    ...spec.directories.flatMap((directory) => planDirectory(directory, observed)),
    ...authorities,
    ...leaves,
    ...spec.keyPairs.map((pair) => planKeyPair(pair, observed)),
    // What they should hold is known only after issuing; the executor writes those that differ.
    ...spec.kubeconfigs.map((kubeconfig): PkiStep => ({ action: "write-kubeconfig", spec: kubeconfig })),
    ...[...spec.unwanted, ...uselessKeys(spec, fate)]
      .filter((path) => observed.files.has(path))
      .map((path): PkiStep => ({ action: "remove", path })),
  ];
  return [...steps, ...planOwnership(spec, observed, steps)];
}

function planDirectory(directory: DirectorySpec, observed: ObservedPki): readonly PkiStep[] {
  return observed.files.has(directory.path) ? [] : [{ action: "create-directory", directory }];
}

function planAuthority(
  spec: CaSpec,
  pair: ObservedPair,
  now: Date,
): PkiStep & { action: "create-ca" | "finish-ca" | "keep" } {
  const { certificate, unfinished } = pair;
  if (certificate === undefined && pair.key === undefined) return { action: "create-ca", spec };
  if (pair.key === undefined && typeof certificate === "object" && belongTogether(certificate, unfinished)) {
    checkAuthority(spec, { ...pair, key: unfinished }, now);
    return { action: "finish-ca", spec, pair: { cert: certificate.pem, key: unfinished.pem } };
  }
  checkAuthority(spec, pair, now);
  if (pair.key !== undefined) return { action: "keep", base: spec.base };
  const warning =
    "The key of this authority is missing: its certificates are kept as they are and will not be renewed";
  return { action: "keep", base: spec.base, warning };
}

function belongTogether(certificate: ObservedCertificate, key: ObservedKey | undefined): key is ObservedKey {
  return key?.publicKeyId === certificate.publicKeyId;
}

/** The authority came to be in another way after all, e.g. by a join. */
function uselessKeys({ authorities }: PkiSpec, { created, finished }: AuthoritiesFate): readonly string[] {
  return authorities
    .filter(({ base }) => !created.has(base) && !finished.has(base))
    .map(({ base }) => unfinishedKey(base));
}

interface AuthoritiesFate {
  readonly created: ReadonlySet<string>;
  readonly finished: ReadonlySet<string>;
}

function planLeaf(
  spec: LeafSpec,
  observed: ObservedPki,
  { created, finished }: AuthoritiesFate,
  now: Date,
): PkiStep {
  const pair = pairOf(observed, spec.base);
  const authority = pairOf(observed, spec.ca);
  if (typeof pair.certificate === "object") checkClock(`${spec.base}.crt`, pair.certificate, now);
  const reason = created.has(spec.ca) ? "other-issuer" : reasonToIssue(spec, pair, authority, now);
  if (reason === undefined) return { action: "keep", base: spec.base };
  const possible = created.has(spec.ca) || finished.has(spec.ca) || authority.key !== undefined;
  if (possible)
    return { action: "issue-leaf", spec, reason: pair.certificate === undefined ? "missing" : reason };
  if (typeof pair.certificate === "object" && pair.key !== undefined && reason !== "key-mismatch") {
    return {
      action: "keep",
      base: spec.base,
      warning: "This certificate should be renewed, but the key of its authority is missing",
    };
  }
  throw new UserError(
    `${spec.base}.crt cannot be issued: the key of its authority, ${spec.ca}.key, is missing.`,
    {
      hint: `Put ${spec.ca}.key there, or both ${spec.base}.crt and ${spec.base}.key.`,
      code: "ca-key-missing",
    },
  );
}

function reasonToIssue(
  spec: LeafSpec,
  pair: ObservedPair,
  authority: ObservedPair,
  now: Date,
): LeafReason | undefined {
  const { certificate, key } = pair;
  if (certificate === undefined || key === undefined) return "missing";
  if (certificate === "unparsable") return "unparsable";
  if (certificate.publicKeyId !== key.publicKeyId) return "key-mismatch";
  // Somebody who signs with an authority of their own keeps their certificates.
  if (!pair.signedByAuthority) return isOurIssuer(certificate, authority) ? "other-issuer" : undefined;
  if (certificate.cn !== spec.cn || !sameSet(certificate.organizations, spec.organizations))
    return "subject-changed";
  if (namesChanged(certificate.sans, spec.sans)) return "names-changed";
  return isFresh(certificate, now) ? undefined : "ages";
}

const ourIssuers = ownAuthorities();

function isOurIssuer({ issuerCn }: ObservedCertificate, { certificate }: ObservedPair): boolean {
  return ourIssuers.has(issuerCn) || (typeof certificate === "object" && certificate.cn === issuerCn);
}

/** A name that is missing, or a DNS name too many. Addresses too many stay: those of interfaces come and go. */
function namesChanged(present: readonly string[], wanted: readonly string[]): boolean {
  const should = new Set(wanted.map((name) => normalizeIp(name)));
  const has = new Set(present);
  return (
    [...should].some((name) => !has.has(name)) ||
    present.some((name) => !should.has(name) && !isAddress(name))
  );
}

function isAddress(name: string): boolean {
  return name.includes(":") || /^[\d.]+$/.test(name);
}

function isFresh({ notBefore, notAfter }: ObservedCertificate, now: Date): boolean {
  // Certificates begin five minutes in the past: one that lives for minutes is not an old one.
  const life = notAfter.getTime() - notBefore.getTime() - backdateMs;
  return notAfter.getTime() - now.getTime() >= life * freshShare;
}

function planKeyPair(spec: KeyPairSpec, observed: ObservedPki): PkiStep {
  const { key } = pairOf(observed, spec.base);
  const publicKey = observed.publicKeys.get(spec.base);
  checkKeyPair(spec, key, publicKey);
  if (key === undefined) return { action: "create-key-pair", spec };
  if (publicKey === undefined) return { action: "write-public-key", spec, keyPem: key.pem };
  return { action: "keep", base: spec.base };
}

function pairOf(observed: ObservedPki, base: string): ObservedPair {
  return observed.pairs.get(base) ?? { signedByAuthority: false };
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return new Set([...one, ...other]).size === new Set(one).size && new Set(one).size === new Set(other).size;
}
