// The key of the authority that signs kubelets' serving certificates. It follows from the key of the cluster's CA, so
// that all controllers have the same one without ever sending it to each other: docs/adr/0049-kubelet-serving-ca.md.

import { createECDH, createPrivateKey, hkdfSync } from "node:crypto";

/** A P-256 key as PEM. The same for every spelling (PKCS#1, PKCS#8, SEC 1) of the same CA key. */
export function kubeletServingKey(caKeyPem: string): string {
  const d = scalarFrom(secretNumbers(caKeyPem));
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: d.toString("base64url"),
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  return createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "sec1", format: "pem" });
}

/** What makes a private key secret, as bytes to derive other keys from, in an order that does not depend on how it was written down. */
export function secretNumbers(pem: string): Buffer {
  const { kty, crv = "", d = "", p = "", q = "" } = createPrivateKey(pem).export({ format: "jwk" });
  if (kty === "RSA") return Buffer.from(`RSA ${[p, q].sort().join(" ")}`);
  return Buffer.from(`${kty ?? ""} ${crv} ${d}`);
}

/** Of P-256. */
const groupOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** FIPS 186-5 A.2.1: 64 bits more than the order has leave no measurable bias. */
function scalarFrom(secret: Buffer): Buffer {
  const bytes = Buffer.from(hkdfSync("sha256", secret, "", "k0s kubelet-serving-ca 1", 40));
  const number = (BigInt(`0x${bytes.toString("hex")}`) % (groupOrder - 1n)) + 1n;
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex");
}
