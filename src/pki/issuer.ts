// Who signs: a key and the one certificate that belongs to it. What is trusted is another matter, std/trust-bundle.ts: a file
// such as ca.crt may hold several certificates, and only one of them is the issuer's.

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyAndCertificate } from "./issue.ts";
import { publicKeyId } from "./keys.ts";
import type { Anchor, TrustBundle } from "../std/trust-bundle.ts";
import { UserError } from "../std/errors.ts";

/** The one of them that belongs to a key with this id; of several, as an authority that was renewed has them, one that has not ended. */
export function anchorOfKey({ anchors }: TrustBundle, keyId: string): Anchor | undefined {
  const of = anchors
    .map((anchor) => ({ anchor, certificate: new X509Certificate(anchor.pem) }))
    .filter(({ certificate }) => publicKeyId(certificate.publicKey) === keyId);
  const now = Date.now();
  return (of.find(({ certificate }) => now < Date.parse(certificate.validTo)) ?? of[0])?.anchor;
}

/** `base` names the files of certificates and key, without extension. Throws a UserError if none belongs to the key. */
export function issuerIn(trust: TrustBundle, key: string, base: string): KeyAndCertificate {
  const anchor = anchorOfKey(trust, publicKeyId(createPrivateKey(key)));
  if (anchor !== undefined) return { cert: anchor.pem, key };
  throw new UserError(`${base}.key does not belong to ${base}.crt.`, {
    hint: "Put the two files of the same authority there.",
    code: "ca-key-mismatch",
  });
}
