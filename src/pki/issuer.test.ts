import { expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { parseTrust } from "../std/trust-bundle.ts";
import { issueCa } from "./issue.ts";
import { anchorOfKey } from "./issuer.ts";
import { publicKeyId } from "./keys.ts";

const day = 86_400_000;

test("of an authority that was renewed with its key, the certificate that has not ended signs", async () => {
  const request = { cn: "ca", keyType: "p256", expiresMs: day } as const;
  const ended = await issueCa({ ...request, now: new Date(Date.now() - 3 * day) });
  const { key } = ended;
  const renewed = await issueCa({ ...request, key });
  const other = await issueCa(request);
  const trust = parseTrust(`${other.cert}${ended.cert}${renewed.cert}`, "ca.crt");
  const keyId = publicKeyId(createPrivateKey(key));
  expect(anchorOfKey(trust, keyId)?.pem.trim()).toBe(renewed.cert.trim());
  expect(anchorOfKey(parseTrust(ended.cert, "ca.crt"), keyId)?.pem.trim()).toBe(ended.cert.trim());
  expect(anchorOfKey(parseTrust(other.cert, "ca.crt"), keyId)).toBeUndefined();
});
