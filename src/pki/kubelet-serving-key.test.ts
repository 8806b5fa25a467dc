import { expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { issueCa } from "./issue.ts";
import { kubeletServingKey } from "./kubelet-serving-key.ts";
import { generateKeyPem, publicKeyId } from "./keys.ts";

test("the same for every spelling of the CA's key, another one for another key", async () => {
  for (const type of ["rsa2048", "p256"] as const) {
    const ca = await generateKeyPem(type);
    const pkcs8 = createPrivateKey(ca).export({ type: "pkcs8", format: "pem" });
    expect(kubeletServingKey(pkcs8)).toBe(kubeletServingKey(ca));
    expect(kubeletServingKey(ca)).not.toBe(kubeletServingKey(await generateKeyPem(type)));
    expect(publicKeyId(createPrivateKey(kubeletServingKey(ca)))).not.toBe(publicKeyId(createPrivateKey(ca)));
  }
});

/** Made once with this code: a release that derives another key would cut controllers off from each other's nodes. */
test("what was derived once stays what it is", () => {
  const ca = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKXOlId7pBvokwPJGB+pbF9tsNi9xkqNFJcTGluanN4ZoAoGCCqGSM49
AwEHoUQDQgAElYrF1d31rIkHDNhR+RhIykTUAa3l7KjdYK0thM0C5bZiHdbH25Eh
SXJF1XIF1cXc34zm0JOPI4dI5uIJ8FJLCA==
-----END EC PRIVATE KEY-----
`;
  expect(publicKeyId(createPrivateKey(kubeletServingKey(ca)))).toBe(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE694KQ4C0SB1hihWdLhIG+5A94hnVyvclED9LTm/xdG2Ea8/Y1oPCTis/n8i8BoIZl3I+mdOy5adxI3G9kN7m6g==",
  );
});

test("it signs", async () => {
  const key = kubeletServingKey(await generateKeyPem("rsa2048"));
  const { cert } = await issueCa({ cn: "kubelet-serving-ca", expiresMs: 60_000, key });
  expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
});
