// The certificates of authorities that somebody trusts: kubeconfigs, join tokens, clients and servers have such a bundle each.
// It is a set: in which order and how often they stand in a file means nothing. Who signs has one certificate and its key
// (pki/issuer.ts); docs/adr/0057-parts-and-anchors.md.

import { X509Certificate } from "node:crypto";
import { UserError } from "./errors.ts";

/** The certificate of one authority. */
export interface Anchor {
  readonly pem: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

export interface TrustBundle {
  /** Each once and at least one, in the order in which they were read. */
  readonly anchors: readonly Anchor[];
  /** All of them as they are written down: the file that they come from, without what is no certificate. */
  readonly pem: string;
}

/** Of a text with any number of certificates; `source` names it in errors. Throws a UserError if there is none, or a damaged one. */
export function parseTrust(text: string, source: string): TrustBundle {
  const blocks = certificateBlocks(text);
  if (blocks.length === 0) throw unusable(source, "it holds no certificate in PEM form");
  try {
    return bundleOf(blocks.map((pem) => ({ pem, fingerprint: new X509Certificate(pem).fingerprint256 })));
  } catch (err) {
    throw unusable(source, "a certificate in it is damaged", err);
  }
}

/** All that one of them trusts. */
export function joinTrust(...bundles: readonly [TrustBundle, ...TrustBundle[]]): TrustBundle {
  return bundleOf(bundles.flatMap(({ anchors }) => anchors));
}

/** Whether both trust the same authorities. */
export function isSameTrust(one: TrustBundle, other: TrustBundle): boolean {
  const [a, b] = [fingerprintsOf(one), fingerprintsOf(other)];
  return a.size === b.size && a.isSubsetOf(b);
}

/** Whether there is an authority that both trust: while one takes another's place, members of a cluster may know one each. */
export function sharesAnchor(one: TrustBundle, other: TrustBundle): boolean {
  return !fingerprintsOf(one).isDisjointFrom(fingerprintsOf(other));
}

/** The one that has signed a certificate. */
export function anchorOf(certificate: X509Certificate, { anchors }: TrustBundle): Anchor | undefined {
  return anchors.find(({ pem }) => {
    const authority = new X509Certificate(pem);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
}

/**
 * The certificates in a text, whatever else is in it; they may be damaged. Each has its first and its last line to itself: the
 * programs that read the same file, all in Go, do not see another one, as where two files were joined without a line break.
 */
export function certificateBlocks(text: string): string[] {
  const blocks =
    text.match(/^-----BEGIN CERTIFICATE-----[ \t]*\r?\n[^-]+^-----END CERTIFICATE-----(?=[ \t]*$)/gm) ?? [];
  return blocks.map((block) => `${block}\n`);
}

function bundleOf(all: readonly Anchor[]): TrustBundle {
  const anchors = [...Map.groupBy(all, ({ fingerprint }) => fingerprint).values()].flatMap((same) =>
    same.slice(0, 1),
  );
  return { anchors, pem: anchors.map(({ pem }) => pem).join("") };
}

function fingerprintsOf({ anchors }: TrustBundle): ReadonlySet<string> {
  return new Set(anchors.map(({ fingerprint }) => fingerprint));
}

function unusable(source: string, why: string, cause?: unknown): UserError {
  return new UserError(`${source} cannot be used as certificates of authorities: ${why}`, {
    code: "bad-trust-bundle",
    hint: "It should hold one or more certificates, each between its lines BEGIN CERTIFICATE and END CERTIFICATE.",
    ...(cause === undefined ? {} : { cause }),
  });
}
