// Issues certificates. Leaves serve as server and as client certificates alike. Upstream: pkg/certificate/manager.go,
// with cfssl.

import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { createPublicKey, X509Certificate as ParsedCertificate } from "node:crypto";
import { isIp } from "../std/ip.ts";
import { generateKeyPem, type SigningAlgorithm, webCryptoKeys } from "./keys.ts";
import type { KeyType } from "./spec.ts";

export interface KeyAndCertificate {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

export interface CaRequest {
  readonly cn: string;
  readonly expiresMs: number;
  readonly keyType?: KeyType;
  /** A key that was made before; default: a new one. */
  readonly key?: string;
  readonly now?: Date;
}

export interface LeafRequest extends CaRequest {
  readonly ca: KeyAndCertificate;
  /** Organizations: the user's groups. */
  readonly o?: readonly string[];
  /** IP addresses and DNS names. */
  readonly sans?: readonly string[];
  /** Nothing may serve with it. */
  readonly clientOnly?: true;
}

/** Clocks of nodes differ: as with cfssl, everything is valid since five minutes ago; unlike there, that does not shorten its life. */
export const backdateMs = 5 * 60_000;

/** A self-signed certificate authority. */
export async function issueCa(request: CaRequest): Promise<KeyAndCertificate> {
  const key = request.key ?? (await generateKeyPem(request.keyType));
  const { algorithm, ...keys } = await webCryptoKeys(key);
  const id = await SubjectKeyIdentifierExtension.create(keys.publicKey);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [request.cn] }],
    ...validity(request),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(
        KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature,
        true,
      ),
      id,
      new AuthorityKeyIdentifierExtension(id.keyId),
    ],
  });
  return { cert: pem(certificate), key };
}

/** A certificate signed by `ca`, never valid for longer than the authority itself. */
export async function issueLeaf(request: LeafRequest): Promise<KeyAndCertificate> {
  const key = request.key ?? (await generateKeyPem(request.keyType));
  const issuer = new X509Certificate(request.ca.cert);
  const [leaf, authority] = await Promise.all([webCryptoKeys(key), webCryptoKeys(request.ca.key)]);
  const { notBefore, notAfter } = validity(request);
  const subject = [...(request.o ?? []).map((group) => ({ O: [group] })), { CN: [request.cn] }];
  const sans = [...new Set(request.sans)];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer.subjectName,
    notBefore: notBefore < issuer.notBefore ? issuer.notBefore : notBefore,
    notAfter: notAfter > issuer.notAfter ? issuer.notAfter : notAfter,
    publicKey: leaf.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: authority.algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      keyUsages(leaf.algorithm),
      new ExtendedKeyUsageExtension([
        ...(request.clientOnly === true ? [] : [ExtendedKeyUsage.serverAuth]),
        ExtendedKeyUsage.clientAuth,
      ]),
      await SubjectKeyIdentifierExtension.create(leaf.publicKey),
      await authorityKeyId(issuer, request.ca.cert),
      ...(sans.length === 0 ? [] : [new SubjectAlternativeNameExtension(sans.map(generalName))]),
    ],
  });
  return { cert: pem(certificate), key };
}

/** Nothing can be encrypted for a key on a curve: RFC 5480, section 3. */
function keyUsages({ name }: SigningAlgorithm): KeyUsagesExtension {
  if (name === "ECDSA") return new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true);
  return new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true);
}

/** A custom authority may carry a key id of its own making; the leaf must quote that one. */
async function authorityKeyId(
  issuer: X509Certificate,
  issuerPem: string,
): Promise<AuthorityKeyIdentifierExtension> {
  const own = issuer.getExtension(SubjectKeyIdentifierExtension);
  if (own !== null) return new AuthorityKeyIdentifierExtension(own.keyId);
  const spki = createPublicKey(
    new ParsedCertificate(issuerPem).publicKey.export({ type: "spki", format: "pem" }),
  );
  const digest = new Bun.CryptoHasher("sha1")
    .update(spki.export({ type: "spki", format: "der" }))
    .digest("hex");
  return new AuthorityKeyIdentifierExtension(digest);
}

function validity({ now = new Date(), expiresMs }: CaRequest): { notBefore: Date; notAfter: Date } {
  const at = now.getTime();
  return {
    notBefore: new Date(at - backdateMs),
    notAfter: new Date(Math.min(at + expiresMs, latestDate)),
  };
}

/** 9999-12-31T23:59:59Z, the last moment that a certificate can name. */
const latestDate = 253_402_300_799_000;

function generalName(name: string): { type: "ip" | "dns"; value: string } {
  return { type: isIp(name) ? "ip" : "dns", value: name };
}

/** 159 random bits: positive in DER without a leading zero byte. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem").trimEnd()}\n`;
}
