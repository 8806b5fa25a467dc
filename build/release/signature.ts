// Signatures of a release: ECDSA on P-256 over SHA-256, in base64, as cosign writes them and OpenSSL verifies them:
// docs/adr/0066.

import { createPrivateKey, createPublicKey, createSign, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { errorMessage, isNotFound, UserError } from "../../src/std/errors.ts";

export interface Signer {
  /** PEM. */
  readonly publicKey: string;
  /** Base64 of the signature of a file. */
  sign(path: string, signal: AbortSignal): Promise<string>;
}

const makeHint =
  "Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE; chmod 600 FILE.";

/** The key of the file; nobody but its owner may read it. */
export async function readSigner(path: string): Promise<Signer> {
  const info = await stat(path).catch((err: unknown) => {
    if (isNotFound(err))
      throw new UserError(`there is no key ${path}`, { code: "release-key", hint: makeHint });
    throw err;
  });
  if ((info.mode & 0o077) !== 0)
    throw new UserError(`the key ${path} can be read by others`, {
      code: "release-key",
      hint: `chmod 600 ${path}`,
    });
  return createSigner(await readFile(path, "utf8"), path);
}

/** `source` is what errors call the key. */
export function createSigner(pem: string, source: string): Signer {
  const key = parseKey(pem, source);
  return {
    publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }),
    async sign(path, signal) {
      const sign = createSign("sha256");
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
        sign.update(chunk as Buffer);
      return sign.sign(key).toString("base64");
    },
  };
}

function parseKey(pem: string, source: string): KeyObject {
  if (pem.includes("ENCRYPTED"))
    throw new UserError(`the key ${source} is encrypted`, {
      code: "release-key",
      hint: "Put a decrypted copy into a file in memory (below /dev/shm) for the time of the release.",
    });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (err) {
    throw new UserError(`the key ${source} is not a private key in PEM: ${errorMessage(err)}`, {
      code: "release-key",
      hint: makeHint,
    });
  }
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  throw new UserError(`the key ${source} is not one of ECDSA on the curve P-256`, {
    code: "release-key",
    hint: makeHint,
  });
}
