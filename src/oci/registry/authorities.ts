// Which certificates a host trusts, looked for where Go programs look: SSL_CERT_FILE and SSL_CERT_DIR, else the file of the
// distribution. As Go's package crypto/x509 does.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { isNotFound, UserError } from "../../std/errors.ts";

const files = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** PEM texts: the host's, else those of the runtime, and the content of the files in `more`. */
export async function trustedAuthorities(
  env: Readonly<Record<string, string | undefined>>,
  more: readonly string[],
): Promise<readonly string[]> {
  const own = await Promise.all(more.map(authoritiesIn));
  return [...(await hostAuthorities(env)), ...own];
}

async function hostAuthorities(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const { SSL_CERT_FILE: file = "", SSL_CERT_DIR: dirs = "" } = env;
  const named = file === "" ? [] : [await authoritiesIn(file)];
  const inDirs = (
    await Promise.all(
      dirs
        .split(":")
        .filter((dir) => dir !== "")
        .map(authoritiesBelow),
    )
  ).flat();
  if (named.length > 0 || inDirs.length > 0) return [...named, ...inDirs];
  for (const path of files) {
    const text = await readFileIfExists(path);
    if (text !== undefined && isPem(text)) return [text];
  }
  return rootCertificates;
}

async function authoritiesIn(path: string): Promise<string> {
  const text = await readFileIfExists(path);
  if (text === undefined)
    throw new UserError(`there is no file of certificates ${path}`, { code: "authorities" });
  if (!isPem(text)) throw new UserError(`${path} holds no certificate in PEM`, { code: "authorities" });
  return text;
}

async function authoritiesBelow(dir: string): Promise<string[]> {
  const names: string[] = await readdir(dir).catch((err: unknown) => {
    if (isNotFound(err)) return [];
    throw err;
  });
  const texts = await Promise.all(
    names.map(async (name) => {
      const path = join(dir, name);
      return (await statIfExists(path))?.isFile() === true ? await readFileIfExists(path) : undefined;
    }),
  );
  // Links by the hash of a name stand beside the files themselves.
  return [...new Set(texts.filter((text) => text !== undefined && isPem(text)))] as string[];
}

function isPem(text: string): boolean {
  return text.includes("-----BEGIN CERTIFICATE-----");
}
