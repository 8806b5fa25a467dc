// States of PKI files that must stop a start: going on would make a second identity for the cluster, or fail later with
// an obscure message.

import { UserError } from "../std/errors.ts";
import type { ObservedCertificate, ObservedKey, ObservedPair } from "./observe.ts";
import type { CaSpec, KeyPairSpec } from "./spec.ts";
import { secondsTimestamp } from "../std/timestamp.ts";

/** Something of the authority exists: it must be a whole, matching and valid one; only its key may be elsewhere. */
export function checkAuthority({ base }: CaSpec, { certificate, key }: ObservedPair, now: Date): void {
  if (certificate === undefined) {
    throw new UserError(`${base}.key exists, but ${base}.crt is missing.`, {
      hint: "Restore the certificate; or delete the key too, and a new authority is made that nobody trusts yet.",
      code: "ca-certificate-missing",
    });
  }
  if (certificate === "unparsable") {
    throw new UserError(`${base}.crt holds no certificate that can be parsed.`, {
      hint: "Restore it from a backup.",
      code: "bad-certificate-file",
    });
  }
  if (!certificate.isAuthority) {
    throw new UserError(`The certificate in ${base}.crt is not one of an authority.`, {
      hint: "It needs the basic constraint CA:TRUE.",
      code: "not-a-ca",
    });
  }
  if (key !== undefined && key.publicKeyId !== certificate.publicKeyId) {
    throw new UserError(`${base}.key does not belong to ${base}.crt.`, {
      hint: "Put the two files of the same authority there.",
      code: "ca-key-mismatch",
    });
  }
  checkClock(`${base}.crt`, certificate, now);
  if (certificate.notAfter < now) {
    throw new UserError(
      `The authority ${base}.crt ended on ${day(certificate.notAfter)}; today is ${day(now)}.`,
      {
        hint: "Check the clock of this host. If it is right, the authority has to be replaced on all nodes.",
        code: "ca-expired",
      },
    );
  }
}

/** A certificate from the future means a clock that runs behind: every TLS connection would fail. */
export function checkClock(path: string, { notBefore }: ObservedCertificate, now: Date): void {
  if (notBefore <= now) return;
  throw new UserError(
    `The clock of this host says ${secondsTimestamp(now)}, which is before the start of the certificate ${path} (${secondsTimestamp(notBefore)}).`,
    { hint: "Set the clock right (NTP), then start again.", code: "clock-before-certificate" },
  );
}

/** Losing the private half loses every token that it signed; that is not repaired silently. */
export function checkKeyPair(
  { base }: KeyPairSpec,
  key: ObservedKey | undefined,
  publicKey: ObservedKey | undefined,
): void {
  if (key === undefined && publicKey !== undefined) {
    throw new UserError(`${base}.pub exists, but ${base}.key is missing.`, {
      hint: "Restore the key; or delete the public key too, and all tokens signed with it become invalid.",
      code: "key-missing",
    });
  }
  if (key !== undefined && publicKey !== undefined && key.publicKeyId !== publicKey.publicKeyId) {
    throw new UserError(`${base}.pub does not belong to ${base}.key.`, {
      hint: "Delete the public key, it is made anew from the private one.",
      code: "key-pair-mismatch",
    });
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
