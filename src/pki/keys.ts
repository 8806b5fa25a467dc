// Private keys: made in the thread pool, written as Go's programs do (PKCS#1 `RSA PRIVATE KEY`, SEC 1 `EC PRIVATE KEY`).

import { createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { UserError } from "../std/errors.ts";
import type { KeyType } from "./spec.ts";

// Not WebCrypto: there Bun makes RSA keys on the main thread, one after the other.
const generate = promisify(generateKeyPair);

/** A new private key as PEM. */
export async function generateKeyPem(type: KeyType = "p256"): Promise<string> {
  if (type === "p256") return keyPem((await generate("ec", { namedCurve: "P-256" })).privateKey);
  return keyPem((await generate("rsa", { modulusLength: 2048 })).privateKey);
}

/** The public half as PKIX PEM (`PUBLIC KEY`). */
export function publicKeyPem(privatePem: string): string {
  return createPublicKey(privatePem).export({ type: "spki", format: "pem" });
}

/** Equal for a certificate and its key, or a private and its public key. */
export function publicKeyId(key: KeyObject): string {
  const half = key.type === "private" ? createPublicKey(key) : key;
  return half.export({ type: "spki", format: "der" }).toString("base64");
}

/** For WebCrypto, with the algorithm that signs certificates. */
export async function webCryptoKeys(
  privatePem: string,
): Promise<CryptoKeyPair & { algorithm: SigningAlgorithm }> {
  const key = createPrivateKey(privatePem);
  const algorithm = signingAlgorithm(key);
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("pkcs8", key.export({ type: "pkcs8", format: "der" }), algorithm, true, ["sign"]),
    crypto.subtle.importKey(
      "spki",
      createPublicKey(key).export({ type: "spki", format: "der" }),
      algorithm,
      true,
      ["verify"],
    ),
  ]);
  return { privateKey, publicKey, algorithm };
}

export type SigningAlgorithm =
  | { name: "RSASSA-PKCS1-v1_5"; hash: string }
  | { name: "ECDSA"; namedCurve: string; hash: string };

function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (key.asymmetricKeyType === "ec" && curve !== undefined) return { name: "ECDSA", ...curve };
  throw new UserError(`Keys of type ${key.asymmetricKeyType ?? "unknown"} cannot sign certificates here.`, {
    hint: "Use an authority with an RSA key, or one on the curves P-256, P-384 or P-521.",
    code: "unsupported-key",
  });
}

const curves: Readonly<Record<string, { namedCurve: string; hash: string }>> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

function keyPem(key: KeyObject): string {
  return key.export({ type: key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1", format: "pem" });
}
